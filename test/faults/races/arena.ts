/** Two engines on one journal, as two processes would be, and a third hand that lines their transactions up. */
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { createActionKinds } from '../../../src/actions/index.ts';
import { loadCatalog } from '../../../src/catalog/load.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { CHANNELS, PEOPLE } from '../../../src/local/workspace/people.ts';
import { probeKinds } from '../../../src/probes/index.ts';
import { AUDIT_KEY } from '../../e2e/bot.ts';
import { waitFor } from '../../servers/program.ts';
import { type RedisServer, startRedis } from '../../servers/redis.ts';
import type { Database, Databases } from '../database.ts';
import { createRandom, type Random } from '../random.ts';

export const SECOND_LEAD = 'ULEAD0002';
const RUNBOOKS = fileURLToPath(new URL('../../../runbooks/', import.meta.url));

export interface Arena {
  /** As two processes: each with a pool of its own. */
  readonly a: Engine;
  readonly b: Engine;
  readonly database: Database;
  readonly target: Redis;
  readonly random: Random;
  /**
   * Takes locks by `hold`, starts the contenders in an order drawn by chance, waits until PostgreSQL says that every
   * one of them waits for a lock, and lets go.
   */
  lineUp<T>(hold: Hold, contenders: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
  stop(): Promise<void>;
}

export interface Hold {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Every incident's and request's decision begins with its incident's row. */
export const holdIncident = (id: number): Hold => ({
  text: 'select 1 from incidents where id = $1 for update',
  values: [id],
});
/** Every intake begins with the locks of its alerts. */
export const HOLD_INTAKE: Hold = {
  text: 'select pg_advisory_xact_lock(428002, b) from generate_series(0, 255) as b',
};

export async function openArena(databases: Databases, seed: number): Promise<Arena> {
  const [database, server] = await Promise.all([databases.fresh(), startRedis()]);
  const target = new Redis(server.url);
  target.on('error', () => undefined);
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  const ending = new AbortController();
  const [a, b] = await Promise.all(
    (['a', 'b'] as const).map((name) => makeEngine(name, database.url, server, ending.signal, RUNBOOKS)),
  );
  if (a === undefined || b === undefined) throw new Error('two engines');
  const random = createRandom(seed);
  return {
    a,
    b,
    database,
    target,
    random,
    async lineUp(hold, contenders) {
      await holder.query('begin');
      await holder.query(hold.text, [...(hold.values ?? [])]);
      const order = contenders
        .map((run, at) => ({ run, at, turn: random.next() }))
        .sort((x, y) => x.turn - y.turn);
      const running = new Map<number, Promise<unknown>>();
      const started: { at: number; settled: Promise<unknown> }[] = [];
      for (const { run, at } of order) {
        const promise = run();
        promise.catch(() => undefined);
        running.set(at, promise);
        started.push({ at, settled: promise });
        await waitFor('a contender to wait for its lock', 5000, () => waiting(database, started.length));
      }
      await holder.query('commit');
      return Promise.allSettled(
        contenders.map((_, at) => running.get(at) as ReturnType<(typeof contenders)[number]>),
      );
    },
    async stop() {
      ending.abort();
      await holder.end();
      await Promise.all([a.journal.close(), b.journal.close()]);
      target.disconnect();
      await database.drop();
      await server.stop();
    },
  };
}

async function waiting(database: Database, n: number): Promise<boolean> {
  const rows = await database.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
    [database.name],
  );
  return (rows[0]?.n ?? 0) >= n;
}

/** An engine as start-bot.ts makes it, without Slack and without a queue: who wakes is the race itself. */
export async function makeEngine(
  name: string,
  databaseUrl: string,
  target: Pick<RedisServer, 'url'>,
  signal: AbortSignal,
  runbooks: string,
): Promise<Engine> {
  const actionKinds = createActionKinds({ undoMaxBytes: 1_000_000 });
  const env = {
    MOALOG_REDIS_URL: target.url,
    ROLE_TECH_LEAD: `${PEOPLE.lead.id},${SECOND_LEAD}`,
    ROLE_ON_CALL: PEOPLE.onCall.id,
  };
  const loaded = await loadCatalog(runbooks, env, {
    probeKinds,
    actionKinds,
    sandboxOnly: false,
    defaultEnvironment: 'test',
  });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return {
    journal: await openJournal({ url: databaseUrl, max: 6, onError: () => undefined }),
    auditKey: AUDIT_KEY,
    catalog: loaded.catalog,
    probeKinds,
    actionKinds,
    directory: { person: async () => 'member', groupMembers: async () => null },
    self: {
      queueRedisRunId: async () => null,
      queueReplicaRunIds: async () => [],
      journalDatabase: async () => null,
      containerId: null,
      volumes: [],
    },
    settings: {
      mode: 'act',
      opsChannel: CHANNELS.ops.id,
      approvalExpiresAlertMs: 900_000,
      approvalExpiresPersonMs: 3_600_000,
      executionDeadlineMs: 600_000,
      reopenWithinMs: 600_000,
      undoMaxBytes: 1_000_000,
      watchdogWithinMs: 600_000,
      conditionEveryMs: 30_000,
      stormThreshold: 250,
      stormThresholdUnknown: 250,
      stormCalmMs: 30_000,
      links: { prometheus: null },
      leaseMs: 10_000,
    },
    worker: `race/${name}`,
    redact: (value) => value,
    log: pino({ level: 'silent' }),
    signal,
    waker: { steps: async () => undefined, health: async () => undefined },
    poke: () => undefined,
    diagnose: () => undefined,
    projects: () => false,
  };
}
