/** BullMQ's two queues, on Redis or on PostgreSQL. A job carries ids, never state; losing all of them loses nothing. */
import { createPostgresBackend, isPgPool, type PgPool, Queue, Worker, withBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Waker } from '../engine/core/engine.ts';
import { DEFAULT_SCHEMA, openPool } from '../journal/connection.ts';
import { JournalTrouble } from '../journal/journal-trouble.ts';
import { QUEUE_SCHEMA, queueSchemaIsThere } from '../journal/queue-schema.ts';
import { connectRedis } from './connect-redis.ts';

export type QueueName = 'probe' | 'remediation';
const PREFIX = 'pageturner';
/** Most jobs wait for the network, so that many can be under way in one process. */
const CONCURRENCY: Readonly<Record<QueueName, number>> = { probe: 64, remediation: 8 };
const STALLED_MS = 10_000;

export interface StepJob {
  readonly kind: 'step';
  readonly id: number;
}
export interface HealthJob {
  readonly kind: 'health';
  readonly id: number;
}
export type Job = StepJob | HealthJob;

interface AnyQueue {
  addBulk(jobs: { name: string; data: Job; opts: { jobId: string } }[]): Promise<unknown>;
  getJobCounts(...states: ('active' | 'delayed' | 'failed' | 'waiting')[]): Promise<Record<string, number>>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
interface AnyWorker {
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
  pause(doNotWaitActive?: boolean): Promise<void>;
  resume(): void;
  isPaused(): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Queues {
  readonly waker: Waker;
  /** Starts taking jobs. `handle` never throws for what the journal knows about. */
  work(handle: (queue: QueueName, job: Job) => Promise<void>): void;
  /**
   * On PostgreSQL: resolves once BullMQ has found its tables. What fails here is never tried again by BullMQ, so a start
   * goes no further without it. On Redis: at once, as that may come later.
   * @throws JournalTrouble when the tables are not there, or too old.
   */
  prepare(): Promise<void>;
  /** Whether the queue answers now. */
  ping(): Promise<boolean>;
  /** How many jobs each queue holds. @throws when it doesn't answer in time. */
  lengths(): Promise<readonly { readonly queue: QueueName; readonly state: string; readonly jobs: number }[]>;
  close(): Promise<void>;
}

export type QueueBackend =
  | { readonly redisUrl: string }
  | {
      readonly databaseUrl: string;
      /** The role to take after logging in; null: the one that logged in. */
      readonly role: string | null;
      /** Of the journal: two journals in one database have queues of their own. */
      readonly schema: string;
    };

/** Nothing here waits for the backend: while it is away the journal's reconciler raises wakes again. */
export function openQueues(backend: QueueBackend, log: Logger): Queues {
  const onError = throttled((error: Error) =>
    log.warn({ err: error }, 'the queue is away; the journal goes on'),
  );
  const connection = 'redisUrl' in backend ? connectRedis(backend.redisUrl, redisOptions(true)) : null;
  connection?.on('error', onError);
  const pool = 'redisUrl' in backend ? null : openQueuePool(backend, onError);
  const defaults = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
  const makeQueue = (name: QueueName): AnyQueue => {
    if (connection !== null)
      return new Queue<Job>(name, {
        connection,
        prefix: PREFIX,
        defaultJobOptions: defaults,
        skipVersionCheck: true,
      });
    const { Queue: PgQueue } = withBackend(createPostgresBackend);
    return new PgQueue<Job>(nameIn(backend, name), {
      connection: bullmqPool(pool),
      defaultJobOptions: defaults,
    });
  };
  const queues: Record<QueueName, AnyQueue> = {
    probe: makeQueue('probe'),
    remediation: makeQueue('remediation'),
  };
  for (const queue of Object.values(queues)) queue.on('error', onError);
  const workers: AnyWorker[] = [];
  const workerConnections: Redis[] = [];

  const add = async (
    name: QueueName,
    jobs: readonly { readonly id: string; readonly data: Job }[],
  ): Promise<void> => {
    if (jobs.length === 0) return;
    const added = queues[name].addBulk(
      jobs.map((job) => ({ name: job.data.kind, data: job.data, opts: { jobId: job.id } })),
    );
    await inTime(added);
  };

  return {
    waker: {
      async steps(wakes) {
        const jobs = wakes.map((wake) => ({
          id: `${wake.id}-${wake.attempt}-${wake.wake}`,
          type: wake.type,
          data: { kind: 'step' as const, id: wake.id },
        }));
        await Promise.all([
          add(
            'probe',
            jobs.filter((job) => job.type !== 'action'),
          ),
          add(
            'remediation',
            jobs.filter((job) => job.type === 'action'),
          ),
        ]);
      },
      health: (parts) =>
        add(
          'probe',
          parts.map((part) => ({
            id: `health-${part.id}-${part.wake}`,
            data: { kind: 'health', id: part.id },
          })),
        ),
    },
    work(handle) {
      for (const name of ['probe', 'remediation'] as const) {
        const run = async (job: { data: Job }): Promise<void> => handle(name, job.data);
        const options = {
          concurrency: CONCURRENCY[name],
          stalledInterval: STALLED_MS,
          runRetryDelay: REST_MS,
          lockDuration: 3 * STALLED_MS,
        };
        let worker: AnyWorker;
        if ('redisUrl' in backend) {
          const own = connectRedis(backend.redisUrl, redisOptions(false));
          own.on('error', onError);
          workerConnections.push(own);
          worker = new Worker<Job>(name, run, {
            connection: own,
            prefix: PREFIX,
            skipVersionCheck: true,
            ...options,
          });
        } else {
          const { Worker: PgWorker } = withBackend(createPostgresBackend);
          worker = new PgWorker<Job>(nameIn(backend, name), run, {
            connection: bullmqPool(pool),
            ...options,
          });
        }
        worker.on('error', onError);
        if (!('redisUrl' in backend)) rest(worker);
        workers.push(worker);
      }
    },
    async prepare() {
      if (pool === null) return;
      if (!(await queueSchemaIsThere(pool)))
        throw new JournalTrouble([
          `DATABASE_URL: the queue's tables (schema ${QUEUE_SCHEMA}) are not there, or too old; run pageturner migrate, or set REDIS_URL`,
        ]);
      await Promise.all([...Object.values(queues), ...workers].map((part) => part.waitUntilReady()));
    },
    async ping() {
      if (connection === null) return true;
      if (connection.status !== 'ready') return false;
      return connection.ping().then(
        () => true,
        () => false,
      );
    },
    async lengths() {
      const names = ['probe', 'remediation'] as const;
      const counted = names.map(async (queue) => {
        const counts = await inTime(queues[queue].getJobCounts('waiting', 'active', 'delayed', 'failed'));
        return Object.entries(counts).map(([state, jobs]) => ({ queue, state, jobs }));
      });
      return (await Promise.all(counted)).flat();
    },
    async close() {
      await Promise.allSettled(workers.map((worker) => worker.close()));
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
      for (const own of [connection, ...workerConnections]) own?.disconnect(false);
      await pool?.end();
    },
  };
}

/** Adding fails at once while Redis is away; a worker's blocking connection waits and reconnects. */
function redisOptions(failFast: boolean) {
  return {
    maxRetriesPerRequest: null,
    enableOfflineQueue: !failFast,
    ...(failFast ? { commandTimeout: 5000 } : {}),
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
  };
}

/** Two listen for jobs as long as they run; the others are for what takes a moment. */
const POOLED = 14;

function openQueuePool(
  { databaseUrl, role }: Extract<QueueBackend, { databaseUrl: string }>,
  onError: (error: Error) => void,
) {
  const settings = { search_path: QUEUE_SCHEMA, ...(role === null ? {} : { role }) };
  return openPool(databaseUrl, { max: POOLED, settings, prepares: false, onError });
}

function bullmqPool(pool: pg.Pool | null): PgPool {
  // BullMQ types by itself what it needs of a pool, and words listeners differently than the driver's own types.
  const given: unknown = pool;
  if (!isPgPool(given)) throw new Error('the queue on PostgreSQL has a pool');
  return given;
}

const nameIn = (backend: QueueBackend, name: QueueName): string =>
  'schema' in backend && backend.schema !== DEFAULT_SCHEMA ? `${backend.schema}.${name}` : name;

const REST_MS = 1000;

/**
 * On PostgreSQL a worker asks again at once after any error that it does not take for a lost connection, and a lost
 * connection has many names there: without a rest it would keep the process from doing anything else.
 */
function rest(worker: AnyWorker): void {
  worker.on('error', () => {
    if (worker.isPaused()) return;
    worker.pause(true).catch(() => undefined);
    setTimeout(() => worker.resume(), REST_MS).unref();
  });
}

const ANSWER_MS = 2000;

/** BullMQ waits for its backend as long as it takes; the journal's reconciler has no time for that. */
async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the queue did not answer in time')), ANSWER_MS);
  });
  asked.catch(() => undefined);
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** One line a few seconds, however often it fails. */
function throttled(log: (error: Error) => void): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < 5000) return;
    last = Date.now();
    log(error);
  };
}
