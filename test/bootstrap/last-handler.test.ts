import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NODE } from '../e2e/bot.ts';

const HANDLER = fileURLToPath(new URL('../../src/last-handler.ts', import.meta.url));

/** Runs a few lines with the last handler in place; what they print, and the exit code. */
async function withHandler(lines: string): Promise<{ code: number | null; said: string }> {
  const program = `
    import { openLastHandler } from ${JSON.stringify(HANDLER)};
    const say = (level) => ({ err }, text) => console.log(level, err.message, '|', text);
    const last = openLastHandler({ error: say('error'), fatal: say('fatal') }, () => {
      console.log('handed on');
      process.exit(1);
    });
    console.log(last.problem());
    ${lines}`;
  const child = spawn(NODE, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      said += part;
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

test('a promise that nobody caught is logged and told, and the process goes on', async () => {
  const { code, said } = await withHandler(`
    void Promise.reject(new Error('reconnect refused'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(last.problem());
    console.log('alive');`);
  expect(said).toMatch(/^null\nerror reconnect refused \| a promise was rejected/u);
  expect(said).toMatch(/\nan error that nobody caught, at \d{4}-.*: see the log\nalive\n$/u);
  expect(code).toBe(0);
});

test('after an exception that nobody caught the work is handed on, then the process ends', async () => {
  const { code, said } = await withHandler(`
    setTimeout(() => { throw new Error('half-way'); }, 0);
    setTimeout(() => console.log('not reached'), 5000);`);
  expect(said).toBe(
    'null\nfatal half-way | an exception that nobody caught; the process hands its work on and ends\nhanded on\n',
  );
  expect(code).toBe(1);
});
