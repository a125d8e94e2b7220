/** Two gateways and three workers, each supervised: whoever dies is started again, as any supervisor does. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Workspace } from '../../../src/local/workspace/index.ts';
import { type BotProcess, configured, startBotProcess, strictWorkspace } from '../../e2e/bot.ts';
import { createJournal, type PostgresServer, startPostgres } from '../../servers/postgres.ts';
import { freePort } from '../../servers/program.ts';
import { startProxy } from '../../servers/proxy.ts';
import { type RedisServer, startRedis } from '../../servers/redis.ts';

export interface Member {
  readonly name: string;
  readonly port: number;
  /** Null while it is down. */
  bot: BotProcess | null;
}

export interface Cluster {
  readonly members: readonly Member[];
  readonly workspace: Workspace;
  /** The server whose flushes are counted: nobody kills it, it is a book. */
  readonly target: Redis;
  readonly queue: RedisServer;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly gateways: () => readonly string[];
  stop(): Promise<void>;
}

const ROLES = ['gateway', 'gateway', 'worker', 'worker', 'worker'] as const;
const AGAIN_MS = 200;

export async function startCluster(more: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const [queue, targetServer, postgres] = await Promise.all([startRedis(), startRedis(), startPostgres()]);
  // A PostgreSQL that is started again listens on another port: the way to it stays.
  const way = await startProxy(() => postgres.port);
  const database = await createJournal(postgres);
  const through = new URL(database.url);
  through.port = String(way.port);
  const ports = await Promise.all(ROLES.map(freePort));
  const members: Member[] = ROLES.map((role, i) => ({
    name: `${role}-${i + 1}`,
    port: ports[i] ?? 0,
    bot: null,
  }));
  const gateways = (): readonly number[] =>
    members
      .filter((member) => member.name.startsWith('gateway') && member.bot !== null)
      .map((member) => member.port);
  let turn = 0;
  const server = await strictWorkspace(() => {
    // As a load balancer would.
    const up = gateways();
    turn += 1;
    return up[turn % Math.max(1, up.length)] ?? 9;
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'pageturner-chaos-'));
  const env = {
    LOG_LEVEL: 'error',
    PAGETURNER_DATA: dataDir,
    ...configured(server.apiUrl),
    DATABASE_URL: through.href,
    REDIS_URL: queue.url,
    MOALOG_REDIS_URL: targetServer.url,
    ...more,
  };
  const target = new Redis(targetServer.url);
  target.on('error', () => undefined);
  let stopping = false;
  const supervise = async (member: Member): Promise<void> => {
    const role = member.name.split('-')[0] ?? '';
    while (!stopping) {
      const bot = await startBotProcess({ ...env, PAGETURNER_ROLE: role, PORT: String(member.port) }).catch(
        () => null,
      );
      if (bot === null) {
        await sleep(AGAIN_MS);
        continue;
      }
      member.bot = bot;
      if (stopping) await bot.kill('SIGTERM');
      await bot.exited;
      member.bot = null;
      await sleep(AGAIN_MS);
    }
  };
  const supervisors = members.map(supervise);
  return {
    members,
    workspace: server.workspace,
    target,
    queue,
    postgres,
    databaseUrl: database.url,
    gateways: () => gateways().map((port) => `http://127.0.0.1:${port}`),
    async stop() {
      stopping = true;
      await Promise.all(members.map((member) => member.bot?.kill('SIGKILL')));
      await Promise.all(supervisors);
      target.disconnect();
      await server.stop();
      way.cut();
      await Promise.all([queue.stop(), targetServer.stop(), postgres.stop()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The journal's URL now: a PostgreSQL that was started again has another port. */
export function journalUrl(cluster: Cluster): string {
  const url = new URL(cluster.databaseUrl);
  url.port = String(cluster.postgres.port);
  return url.href;
}
