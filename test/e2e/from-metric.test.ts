/** From a scraped metric to a closed thread: real Redis, Prometheus with the project's own rules, and Alertmanager. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type AlertmanagerServer, startAlertmanager } from '../servers/alertmanager.ts';
import { testDatabase } from '../servers/postgres.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, WEBHOOK_TOKEN, type World } from './bot.ts';
import { replyWith, rootWith, thread } from './slack-thread.ts';

const RULES = fileURLToPath(new URL('../../monitoring/moalog.yml', import.meta.url));
const MIB = 1024 * 1024;

/** Two figures of redis_exporter, read from the server whenever they are asked for. */
async function startExporter(redis: Redis): Promise<Server> {
  const server = createServer((_req, res) => {
    void redis.info('memory').then((info) => {
      const figure = (name: string) => new RegExp(`^${name}:(\\d+)`, 'mu').exec(info)?.[1] ?? 'NaN';
      res.end(
        [
          `redis_memory_used_bytes{system="moalog",service="redis"} ${figure('used_memory')}`,
          `redis_memory_max_bytes{system="moalog",service="redis"} ${figure('maxmemory')}`,
          '',
        ].join('\n'),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('a metric that goes over its limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-rules-'));
  let target: RedisServer;
  let redis: Redis;
  let exporter: Server;
  let world: World;
  let prometheus: PrometheusServer;
  let alertmanager: AlertmanagerServer;

  beforeAll(async () => {
    target = await startRedis({
      args: ['--maxmemory', String(24 * MIB), '--maxmemory-policy', 'noeviction'],
    });
    redis = new Redis(target.url);
    exporter = await startExporter(redis);
    const [port, { url }] = await Promise.all([freePort(), testDatabase()]);
    alertmanager = await startAlertmanager({
      webhookUrl: `http://127.0.0.1:${port}/alertmanager`,
      bearerToken: WEBHOOK_TOKEN,
    });
    const rules = join(folder, 'moalog.yml');
    // As they are shipped, but for the minutes that a figure must hold.
    writeFileSync(rules, readFileSync(RULES, 'utf8').replaceAll(/^( +for:) \d+m$/gmu, '$1 1s'));
    prometheus = await startPrometheus({
      jobs: { redis: [`127.0.0.1:${(exporter.address() as AddressInfo).port}`] },
      ruleFiles: [rules],
      alertmanager: new URL(alertmanager.url).host,
    });
    world = await startWorld({
      PORT: String(port),
      DATABASE_URL: url,
      MOALOG_REDIS_URL: target.url,
      PROMETHEUS_URL: prometheus.url,
    });
  });
  afterAll(async () => {
    await world?.stop();
    await alertmanager?.stop();
    await prometheus?.stop();
    exporter?.close();
    redis?.disconnect();
    await target?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens its thread with the metric’s picture, is recovered from it, and closes it by itself', async () => {
    const { workspace } = world;
    const value = 'x'.repeat(10_000);
    const pipeline = redis.pipeline();
    for (let i = 0; i < 1940; i += 1) pipeline.set(`cache:page:${i}`, value);
    await pipeline.exec();

    const root = await rootWith(
      workspace,
      'HighMemoryUsage',
      'moalog',
      'redis',
      'of its memory; 80 % is the limit',
    );
    const diagnosis = await replyWith(workspace, root.ts, 'Diagnosis', 'confirmed', 'total 1940');
    await workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
    const step = await replyWith(workspace, root.ts, 'waits for a decision');
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, 'STEP-', '*done*');

    await rootWith(workspace, 'HighMemoryUsage', 'resolved');
    expect(await redis.dbsize()).toBe(0);
    const pictures = await waitFor('its picture', 30_000, () => {
      const withOne = thread(workspace, root.ts).filter(({ blocks }) =>
        (blocks ?? []).some((block) => block.type === 'image'),
      );
      return withOne.length > 0 ? withOne : undefined;
    });
    expect(pictures).toHaveLength(1);
  });
});
