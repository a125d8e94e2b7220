#!/usr/bin/env node
// npm test: types, then lint, then every test; ends with "N passed, N failed, N skipped". npm run check: the same with the
// tests that need no server.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { whenNpmEnds } from './end-with-npm.mjs';
import { install, node, root } from './install.mjs';

install({ dev: true });
const modules = join(root, 'node_modules');
const env = { ...process.env, PATH: `${dirname(node())}:${process.env.PATH}` };
let slowest = [];
const counts = { passed: 0, failed: 0, skipped: 0 };

function stage(name, program, args) {
  process.stdout.write(`\n== ${name}\n`);
  const done = spawnSync(program, args, { cwd: root, stdio: 'inherit', env });
  counts[done.status === 0 ? 'passed' : 'failed'] += 1;
  return done.status === 0;
}

function tests(filter) {
  process.stdout.write('\n== tests\n');
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-test-'));
  const report = join(folder, 'report.json');
  const args = [
    join(modules, 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filter,
  ];
  return new Promise((resolve) => {
    const child = spawn(node(), args, { cwd: root, stdio: 'inherit', env });
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
    whenNpmEnds(() => child.kill('SIGTERM'));
    child.once('exit', (code) => {
      try {
        const result = JSON.parse(readFileSync(report, 'utf8'));
        counts.passed += result.numPassedTests;
        counts.failed += result.numFailedTests;
        counts.skipped += result.numPendingTests + result.numTodoTests;
        slowest = slowestFiles(result.testResults);
        const broken = code !== 0 && result.numFailedTests === 0;
        if (broken) counts.failed += 1;
      } catch {
        counts.failed += 1;
      }
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
  });
}

/** The ten that took longest, with their seconds: where the next minute is to be saved. */
function slowestFiles(files) {
  return files
    .map(({ name, startTime, endTime }) => ({
      name: relative(root, name),
      seconds: (endTime - startTime) / 1000,
    }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 10)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

const filter = process.argv.slice(2);
const sound =
  stage('types', node(), [join(modules, 'typescript', 'bin', 'tsc'), '--noEmit']) &&
  stage('lint', node(), [
    join(modules, '@biomejs', 'biome', 'bin', 'biome'),
    'check',
    '--error-on-warnings',
    '.',
  ]);
if (sound) await tests(filter);
if (slowest.length > 0) process.stdout.write(`\nslowest files\n${slowest.join('\n')}\n`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exit(counts.failed === 0 ? 0 : 1);
