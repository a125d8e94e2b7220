import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../servers/program.ts';
import { type Checkout, makeCheckout, says } from './checkout.ts';

const INSTALLING = 'installing what is missing';
const TELL = `process.stdout.write('main ' + process.argv.slice(2).join(' ') + '\\n');`;
/** Says when it is up, and takes a moment to end, as the bot does. */
const SERVE = `
  const alive = setInterval(() => undefined, 1000);
  const stop = (signal: string) => {
    console.log('stopping for ' + signal);
    setTimeout(() => { console.log('stopped'); clearInterval(alive); }, 300);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  console.log('up ' + process.pid);
`;

let checkout: Checkout;
beforeEach(() => {
  checkout = makeCheckout();
  checkout.lock('1.0.0');
  checkout.write('src/main.ts', TELL);
});
afterEach(() => checkout.remove());

async function ran(args: readonly string[] = []): Promise<{ code: number | string | null; output: string }> {
  const running = checkout.run('pageturner.mjs', args);
  return { code: await running.ended, output: running.output() };
}

test('on a clone with nothing installed it installs first, then runs with the arguments given', async () => {
  const first = await ran(['health', 'moalog']);
  expect(first.output).toMatch(/installing what is missing[\s\S]*main health moalog\n/u);
  expect(first.code).toBe(0);
  expect(existsSync(join(checkout.dir, 'node_modules', 'thing'))).toBe(true);
  expect((await ran(['up'])).output).toBe('main up\n');
});

test('it installs again when the lock file has changed, and not when only a date has', async () => {
  await ran();
  checkout.lock('1.0.0');
  expect((await ran()).output).not.toContain(INSTALLING);
  checkout.lock('2.0.0');
  expect((await ran()).output).toContain(INSTALLING);
  expect((await ran()).output).not.toContain(INSTALLING);
});

test('several that begin at once on a fresh clone install once', async () => {
  const all = await Promise.all([ran(), ran(), ran()]);
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(all.filter(({ output }) => output.includes(INSTALLING))).toHaveLength(1);
});

test('an install that fails is told, and ends with 1', async () => {
  checkout.write(
    'package-lock.json',
    '{"name":"checkout","lockfileVersion":3,"packages":{"":{},"node_modules/no":{}}}',
  );
  const { code, output } = await ran();
  expect(code).toBe(1);
  expect(output).toContain('npm ci failed');
});

test('without a lock file, as in an image, what is there is taken as it is', async () => {
  await ran();
  rmSync(join(checkout.dir, 'package-lock.json'));
  expect(await ran(['up'])).toEqual({ code: 0, output: 'main up\n' });
});

test('the exit code is that of the command', async () => {
  for (const code of [0, 1, 2, 3]) {
    checkout.write('src/main.ts', `process.exit(${code});`);
    expect((await ran()).code).toBe(code);
  }
  checkout.write('src/main.ts', `process.kill(process.pid, 'SIGKILL');`);
  expect((await ran()).code).toBe(137);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it as gently as the bot ends itself', async (signal) => {
  checkout.write('src/main.ts', SERVE);
  const running = checkout.run('pageturner.mjs');
  await says(running, 'up ');
  running.child.kill(signal);
  expect(await running.ended).toBe(0);
  expect(running.output()).toMatch(new RegExp(`stopping for ${signal}\nstopped\n$`, 'u'));
});

test('the echoes of one Ctrl-C do not cut the stop short', async () => {
  checkout.write('src/main.ts', SERVE);
  const running = checkout.run('pageturner.mjs');
  await says(running, 'up ');
  const bot = Number(/up (\d+)/u.exec(running.output())?.[1]);
  process.kill(bot, 'SIGINT');
  await says(running, 'stopping');
  process.kill(bot, 'SIGINT');
  running.child.kill('SIGINT');
  running.child.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(running.output()).toMatch(/stopped\n$/u);
});

test('a closed terminal is a stop as any other', async () => {
  checkout.write('src/main.ts', SERVE);
  const running = checkout.run('pageturner.mjs');
  await says(running, 'up ');
  running.child.kill('SIGHUP');
  expect(await running.ended).toBe(0);
  expect(running.output()).toMatch(/stopped\n$/u);
});

test('when npm is told to end, the bot ends as gently', async () => {
  checkout.write('src/main.ts', SERVE);
  const npm = checkout.runNpm('start');
  await says(npm, 'up ');
  npm.child.kill('SIGTERM');
  await says(npm, 'stopped');
  await npm.ended;
});

test('a command that listens to no signal ends at the first', async () => {
  checkout.write('src/main.ts', `console.log('up'); setInterval(() => undefined, 1000);`);
  const running = checkout.run('pageturner.mjs');
  await says(running, 'up');
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(143);
});

test('when it is killed -9, the bot ends too', async () => {
  checkout.write('src/main.ts', SERVE);
  const running = checkout.run('pageturner.mjs');
  await says(running, 'up ');
  const bot = Number(/up (\d+)/u.exec(running.output())?.[1]);
  const gone = once(running.child, 'exit');
  running.child.kill('SIGKILL');
  await gone;
  await waitFor('the bot to end', 10_000, () => {
    try {
      process.kill(bot, 0);
      return false;
    } catch {
      return true;
    }
  });
  expect(running.output()).toContain('stopping for SIGTERM');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('npm run dev begins again when code or a runbook changes, and ends with npm', async () => {
  checkout.write('src/main.ts', SERVE);
  checkout.write('runbooks/org.yaml', 'version: 1\n');
  const running = checkout.runNpm('dev');
  const ups = () => running.output().match(/up \d+/gu)?.length ?? 0;
  await says(running, 'up ');
  checkout.write('src/main.ts', `${SERVE}\n// changed\n`);
  await waitFor(`a second start: ${running.output()}`, 20_000, () => ups() >= 2);
  const before = ups();
  checkout.write('runbooks/org.yaml', 'version: 1\n# changed\n');
  await waitFor(`a third start: ${running.output()}`, 20_000, () => ups() > before);
  expect(running.output()).toContain('stopped');
  running.child.kill('SIGTERM');
  await running.ended;
  const last = Number(
    running
      .output()
      .match(/up \d+/gu)
      ?.at(-1)
      ?.slice(3),
  );
  await waitFor('the bot to end', 10_000, () => !isAlive(last));
});
