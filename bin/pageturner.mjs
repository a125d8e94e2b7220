#!/usr/bin/env node
// The one command. Installs what is missing, then hands over to Node 24 and src/main.ts.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { whenNpmEnds } from './end-with-npm.mjs';
import { install, node, root } from './install.mjs';

const given = process.argv.slice(2);
// npm run dev: the same, begun again whenever code or a runbook changes.
const isDev = given[0] === 'dev';
const watch = isDev
  ? [...['src', 'runbooks'].map((folder) => `--watch-path=${join(root, folder)}`), '--watch-preserve-output']
  : [];
const args = isDev ? ['up', ...given.slice(1)] : given;

install({ dev: isDev });
const endWithParent = pathToFileURL(join(root, 'bin', 'end-with-parent.mjs')).href;
const child = spawn(
  node(),
  // Half the memory after a storm, at the same speed; see "Memory" in docs/operating.md.
  ['--max-semi-space-size=16', ...watch, '--import', endWithParent, join(root, 'src', 'main.ts'), ...args],
  // The channel closes when this process is killed, however it is.
  { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
whenNpmEnds(() => child.kill('SIGTERM'));
child.once('error', (error) => {
  process.stderr.write(`pageturner: ${error.message}\n`);
  process.exit(1);
});
child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
