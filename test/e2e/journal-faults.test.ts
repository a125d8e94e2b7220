import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJournal, type PostgresServer, startPostgres, type TestDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startProxy, type Way } from '../servers/proxy.ts';
import { startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

const alert = (name: string) => ({
  labels: {
    alertname: 'HighMemoryUsage',
    system: 'moalog',
    service: 'redis',
    severity: 'warning',
    case: name,
  },
  annotations: { summary: name },
});
const viaPort = (url: string, port: number): string =>
  Object.assign(new URL(url), { port: String(port) }).href;
const GROUPS = 20;
const CONNECTIONS = 6;

describe('a PostgreSQL that comes and goes', () => {
  let postgres: PostgresServer;
  let database: TestDatabase;
  let world: World;
  let way: Way;
  let stopTarget: () => Promise<void>;
  beforeAll(async () => {
    const target = await startRedis();
    stopTarget = () => target.stop();
    postgres = await startPostgres();
    database = await createJournal({ superuserUrl: postgres.superuserUrl });
    way = await startProxy(postgres.port);
    const throughWay = new URL(database.url);
    throughWay.port = String(way.port);
    world = await startWorld({
      DATABASE_URL: throughWay.href,
      MOALOG_REDIS_URL: target.url,
      STORM_THRESHOLD: '1000',
    });
  });
  afterAll(async () => {
    await world.stop();
    way.cut();
    await postgres.stop();
    await stopTarget();
  });

  const once = (name: string) =>
    expect(roots(world.workspace).filter((message) => message.text.includes(name))).toHaveLength(1);

  it('killed and started again: what was taken is there, once, and its diagnosis goes on', {
    timeout: 120_000,
  }, async () => {
    await sendAlerts(world, [alert('crash-a')], 'crash-a');
    process.kill(postgres.pid, 'SIGKILL');
    // Its other processes end a moment after it: what they still took is taken.
    const post = async (): Promise<number> =>
      (await postRaw(world.bot.url, JSON.stringify(webhookBody([alert('crash-b')], 'crash-b')))).status;
    await waitFor('a 503', 20_000, async () => (await post()) === 503);
    way.cut();
    await postgres.restart();
    await way.join(postgres.port);
    await waitFor('the next try', 30_000, async () => (await post()) === 200);
    for (const name of ['crash-a', 'crash-b']) {
      const root = await rootWith(world.workspace, name);
      await replyWith(world.workspace, root.ts, 'Diagnosis', 'total 0');
      once(name);
    }
  });

  it('connections killed in the middle of transactions: each alert answered 200 has one thread, the others none', {
    timeout: 180_000,
  }, async () => {
    const killer = new pg.Client({ connectionString: viaPort(database.superuserUrl, postgres.port) });
    await killer.connect();
    const answered = new Map<string, number>();
    let killing = true;
    const kill = (async () => {
      while (killing) {
        await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'pageturner' and state <> 'idle' and pid <> pg_backend_pid()`,
        );
      }
    })();
    let next = 0;
    const send = async (): Promise<void> => {
      for (let i = next++; i < GROUPS; i = next++) {
        const name = `Cut${i}x`;
        const body = webhookBody([{ labels: { alertname: name, system: 'moalog' } }], name);
        answered.set(name, (await postRaw(world.bot.url, JSON.stringify(body))).status);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    killing = false;
    await kill;
    expect([...answered.values()].every((status) => status === 200 || status === 503)).toBe(true);
    // As Alertmanager does with what was answered 503.
    for (const [name, status] of answered) {
      if (status !== 200) await sendAlerts(world, [{ labels: { alertname: name, system: 'moalog' } }], name);
    }
    const { rows } = await killer.query<{ n: number }>(
      `select count(*)::int as n from incidents where alertname like 'Cut%'`,
    );
    await killer.end();
    expect(rows[0]?.n).toBe(GROUPS);
    await waitFor('every thread', 60_000, () =>
      [...answered.keys()].every((name) => roots(world.workspace).some((m) => m.text.includes(name))),
    );
    for (const name of answered.keys()) once(name);
  });
});
