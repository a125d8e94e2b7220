import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { NODE, startWorld } from '../e2e/bot.ts';
import { rootWith } from '../e2e/slack-thread.ts';
import { sendAlerts } from '../e2e/webhook.ts';
import { emptyDatabase } from '../servers/postgres.ts';
import { instrumented, type Point } from './crash/run-point.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MIGRATIONS = readdirSync(join(ROOT, 'src', 'journal', 'migrations')).filter((name) =>
  name.endsWith('.sql'),
);

/** Until it ends: by the instrument's kill, or, when nothing kills it, by ours once it has told its points. */
async function startAndDie(url: string, point: Point | null): Promise<readonly string[]> {
  const log = join(tmpdir(), `pageturner-migration-${process.pid}-${Math.random()}`);
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    LOG_LEVEL: 'warn',
    PAGETURNER_DATA: join(tmpdir(), 'pageturner-never'),
    SLACK_BOT_TOKEN: 'xoxb-never',
    SLACK_SIGNING_SECRET: 'never-used',
    SLACK_API_URL: 'http://127.0.0.1:9/',
    PAGETURNER_ENV: 'test',
    ALERTMANAGER_WEBHOOK_TOKEN: 'never-used',
    AUDIT_KEY: 'never-used-for-anything',
    DATABASE_URL: url,
    REDIS_URL: 'redis://127.0.0.1:1',
    FAULT_FROM_START: '1',
  };
  const child = spawn(NODE, [join(ROOT, 'src', 'main.ts'), 'up'], {
    cwd: ROOT,
    env: instrumented(env, log, point),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.stdout.on('data', (part: Buffer) => {
    if (String(part).includes('ready')) child.kill('SIGKILL');
  });
  await exited;
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(log, { force: true });
  return lines;
}

async function applied(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ name: string }>('select name from migrations order by name')).rows.map(
      (row) => row.name,
    );
  } finally {
    await client.end();
  }
}

it('killed at any statement of its migrations, it starts the next time on a whole journal', {
  timeout: 300_000,
}, async () => {
  const lines = await startAndDie((await emptyDatabase()).ownerUrl, null);
  const labels = lines.filter((line) => line.startsWith('P sql ')).map((line) => line.slice(2));
  // Up to the end of the migrations: what follows sets rights.
  const until = labels.findIndex((label) => label.startsWith('sql revoke'));
  const during = [...new Set(labels.slice(0, until))];
  expect(during.length).toBeGreaterThanOrEqual(4);
  // Before each, and after the last: what has been executed when the answer to one is lost is there before the next.
  const points = during.map((label): Point => ({ label, number: 1, when: 'before' }));
  const last = points.at(-1);
  if (last !== undefined) points.push({ ...last, when: 'after' });
  const urls: string[] = [];
  await Promise.all(
    [0, 1].map(async () => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) {
        const { ownerUrl: url } = await emptyDatabase();
        expect((await startAndDie(url, point)).at(-1), 'the kill').toMatch(/^K /u);
        await startAndDie(url, null);
        expect(await applied(url), point.label).toEqual([...MIGRATIONS].sort());
        urls.push(url);
      }
    }),
  );
  const world = await startWorld({ DATABASE_URL: urls[0] ?? '' });
  try {
    await sendAlerts(world, [{ labels: { alertname: 'AfterAll', system: 'moalog', severity: 'warning' } }]);
    await rootWith(world.workspace, 'AfterAll');
  } finally {
    await world.stop();
  }
});
