/** A configured bot on real Redis and PostgreSQL, with a workspace that enforces no pace. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '../../src/local/embedded-postgres.ts';
import type { Workspace } from '../../src/local/workspace/index.ts';
import { type BotProcess, configured, startBotProcess, strictWorkspace } from '../e2e/bot.ts';
import { freePort } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';

export interface BenchWorld {
  readonly bot: BotProcess;
  readonly workspace: Workspace;
  readonly apiUrl: string;
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startBenchWorld(extra: Readonly<Record<string, string>> = {}): Promise<BenchWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pageturner-bench-'));
  const opening = openEmbeddedPostgres({ dataDir, signal: new AbortController().signal });
  const [queue, database, port] = await Promise.all([startRedis(), opening, freePort()]);
  const server = await strictWorkspace(() => port, { pace: null });
  const env = {
    PORT: String(port),
    LOG_LEVEL: 'warn',
    ...configured(server.apiUrl),
    DATABASE_URL: database.url,
    REDIS_URL: queue.url,
    ...extra,
  };
  const bot = await startBotProcess(env);
  return {
    bot,
    workspace: server.workspace,
    apiUrl: server.apiUrl,
    env,
    async stop() {
      await bot.kill('SIGTERM');
      await server.stop();
      await queue.stop();
      await database.stop();
    },
  };
}
