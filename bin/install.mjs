// Installs what package-lock.json names, when it isn't there yet. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const mark = join(modules, '.pageturner-lock');

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** True when node_modules was installed from the present package-lock.json. */
function isInstalled() {
  if (!existsSync(join(modules, 'pg', 'package.json'))) return false;
  // An image built with npm ci has no mark and needs none.
  return existsSync(mark)
    ? readFileSync(mark, 'utf8') === lockDigest()
    : existsSync(join(modules, '.package-lock.json'));
}

export function install() {
  if (isInstalled()) return;
  process.stderr.write('pageturner: installing what is missing (npm ci); this happens once\n');
  const npm = process.env.npm_execpath;
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const done = spawnSync(program, [...first, 'ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) {
    process.stderr.write('pageturner: npm ci failed; see above\n');
    process.exit(1);
  }
  writeFileSync(mark, lockDigest());
}

/** Node 24, which runs the TypeScript as it is: the one that was installed, or this one if it is new enough. */
export function node() {
  const own = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  process.stderr.write(
    'pageturner: Node 24 is missing from node_modules; remove node_modules and start again\n',
  );
  process.exit(1);
}
