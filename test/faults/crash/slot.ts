/** The servers that one story after another runs on: a Redis to flush, a Redis to queue on, a service to be well. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { Workspace } from '../../../src/local/workspace/index.ts';
import { configured, strictWorkspace } from '../../e2e/bot.ts';
import { freePort } from '../../servers/program.ts';
import { startRedis } from '../../servers/redis.ts';
import type { Database, Databases } from '../database.ts';

export interface Slot {
  /** Everything as on the first day: an empty journal, queue and workspace, a target that is full. */
  fresh(databases: Databases): Promise<World>;
  stop(): Promise<void>;
}

export interface World {
  readonly database: Database;
  readonly workspace: Workspace;
  /** A client of the harness's own; its commands are not the bot's. */
  readonly target: Redis;
  readonly env: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

const PASSWORD = 'password-of-the-target';
const BIG_KEYS = 4;
const BIG_BYTES = 1_500_000;
/** The runbook's condition is four fifths. */
const FULL = 0.93;
export const INSTRUMENT = fileURLToPath(new URL('./instrument.ts', import.meta.url));

export async function openSlot(): Promise<Slot> {
  const [queue, target, well] = await Promise.all([
    startRedis(),
    startRedis({ password: PASSWORD, args: ['--maxmemory-policy', 'noeviction'] }),
    startWell(),
  ]);
  const queueClient = new Redis(queue.url);
  const client = new Redis(target.url);
  for (const redis of [queueClient, client]) redis.on('error', () => undefined);
  return {
    async fresh(databases) {
      await Promise.all([queueClient.flushall(), fill(client)]);
      const database = await databases.fresh();
      const port = await freePort();
      const dataDir = mkdtempSync(join(tmpdir(), 'pageturner-faults-'));
      const server = await strictWorkspace(() => port);
      return {
        database,
        workspace: server.workspace,
        target: client,
        env: {
          PORT: String(port),
          LOG_LEVEL: 'warn',
          PAGETURNER_DATA: dataDir,
          ...configured(server.apiUrl),
          DATABASE_URL: database.url,
          REDIS_URL: queue.url,
          MOALOG_REDIS_URL: target.url,
          MOALOG_FLUXPAY_ENGINE_URL: well.url,
        },
        async end() {
          await server.stop();
          await database.drop();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
    async stop() {
      queueClient.disconnect();
      client.disconnect();
      await Promise.all([queue.stop(), target.stop(), well.stop()]);
    },
  };
}

/**
 * Nearly at its bound, which is set where the memory in use is. Values are made by the server itself: the buffers of a
 * client that sends them would count for a while. Its statistics begin at nothing.
 */
async function fill(redis: Redis): Promise<void> {
  await redis.config('SET', 'maxmemory', 0);
  await redis.flushall();
  for (let i = 0; i < BIG_KEYS; i += 1) await redis.setrange(`cache:page:${i}`, BIG_BYTES, 'x');
  await redis.set('fluxpay:idem:1', 'paid', 'EX', 3600);
  const used = Number(/used_memory:(\d+)/u.exec(await redis.info('memory'))?.[1]);
  await redis.config('SET', 'maxmemory', Math.ceil(used / FULL));
  await redis.config('RESETSTAT');
}

/** A service that is always well, so that the check after a flush need not wait for it. */
async function startWell(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((_, res) => res.end('{"status":"UP"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
