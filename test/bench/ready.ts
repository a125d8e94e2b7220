/** From start to ready: with nothing configured, and with everything; beside a bare Node server. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE, startBotProcess } from '../e2e/bot.ts';
import type { Row } from './table.ts';
import { startBenchWorld } from './world.ts';

async function bareNode(): Promise<number> {
  const begun = performance.now();
  const program = `require('http').createServer().listen(0,()=>{console.log('up')})`;
  const child = spawn(NODE, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  return performance.now() - begun;
}

async function timed(env: Readonly<Record<string, string>>): Promise<number> {
  const begun = performance.now();
  const bot = await startBotProcess({ LOG_LEVEL: 'warn', ...env });
  const ms = performance.now() - begun;
  await bot.kill('SIGTERM');
  return ms;
}

export async function benchReady(): Promise<readonly Row[]> {
  const floor = await bareNode();
  const dataDir = mkdtempSync(join(tmpdir(), 'pageturner-bench-'));
  const local = { PAGETURNER_DATA: dataDir, DOCKER_HOST: 'unix:///nowhere' };
  const first = await timed(local);
  const second = await timed(local);
  const world = await startBenchWorld();
  await world.bot.kill('SIGTERM');
  const configured = await timed(world.env);
  await world.stop();
  const baseline = 'bare Node server';
  return [
    { what: 'ready, local mode, very first start', ms: first, baseline, baselineMs: floor },
    { what: 'ready, local mode', ms: second, baseline, baselineMs: floor },
    { what: 'ready, with Slack, PostgreSQL and Redis', ms: configured, baseline, baselineMs: floor },
  ];
}
