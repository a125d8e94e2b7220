/** Workers look by themselves: what they saw is there when somebody asks. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { startProxy, type Way } from '../servers/proxy.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { type BotProcess, runCli, startBotProcess, startWorld, type World } from './bot.ts';
import { lastTs, replyWith, roots, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

let redis: RedisServer;
let queue: RedisServer;
let way: Way;
let prometheus: PrometheusServer;
let database: TestDatabase;
let world: World;
let second: BotProcess;
let looking: pg.Client;

beforeAll(async () => {
  const port = await freePort();
  [redis, queue, prometheus, database] = await Promise.all([
    startRedis(),
    startRedis(),
    // Its own metrics, as those of market-data's API.
    startPrometheus({ jobs: { api: [`127.0.0.1:${port}`] } }),
    testDatabase(),
  ]);
  way = await startProxy(redis.port);
  world = await startWorld({
    DATABASE_URL: database.url,
    REDIS_URL: queue.url,
    MOALOG_REDIS_URL: `redis://127.0.0.1:${way.port}`,
    PROMETHEUS_URL: prometheus.url,
    HEALTH_EVERY: '2s',
  });
  second = await startBotProcess({
    ...world.env,
    PAGETURNER_ROLE: 'worker',
    PORT: String(await freePort()),
  });
  looking = new pg.Client({ connectionString: database.superuserUrl });
  await looking.connect();
}, 90_000);
afterAll(async () => {
  await looking.end();
  await second.kill('SIGTERM');
  await world.stop();
  way.cut();
  await Promise.all([redis.stop(), queue.stop(), prometheus.stop()]);
});

const stateOf = async (service: string): Promise<string | undefined> => {
  const { rows } = await looking.query(
    `select state from health_states where system = 'moalog' and service = $1`,
    [service],
  );
  return rows[0]?.state;
};
const ask = async (text: string, ...parts: readonly string[]) => {
  const after = lastTs(world.workspace);
  await world.workspace.as(PEOPLE.developer.id).command(text);
  return waitFor(`an answer to ${text}`, 15_000, () =>
    roots(world.workspace).find((m) => m.ts > after && parts.every((part) => m.text.includes(part))),
  );
};

describe('health, looked at by workers', () => {
  it('is known of every system before anybody asks, looked at once for all workers', async () => {
    await waitFor('a look at all five', 20_000, async () => {
      const { rows } = await looking.query(`select count(*)::int as n from health_states`);
      return rows[0].n === 32;
    });
    const counted = async (): Promise<number> => {
      const { rows } = await looking.query(
        `select sum(up + degraded + down + unknown)::int as n from health_samples where service = 'jaeger'`,
      );
      return rows[0].n;
    };
    const [begun, before] = [performance.now(), await counted()];
    await waitFor('three more looks', 30_000, async () => (await counted()) >= before + 3);
    const [took, more] = [performance.now() - begun, (await counted()) - before];
    // Two workers that both looked would come to twice as many.
    expect(more).toBeLessThanOrEqual(Math.floor(took / 2000) + 2);
  });

  it('says since when a service is down, and shows it in the last square', async () => {
    await waitFor('redis to be up', 20_000, async () => (await stateOf('redis')) === 'up');
    const up = await ask('/ops health moalog redis', '1 of 1 answered', 'Last 24 hours');
    expect(up.text).toMatch(/🟢 \*redis\* up since .*\(\d+ (s|min)/u);
    expect(up.text).toMatch(/available 100 % of the first minutes/u);
    expect(up.text).toMatch(/^⬜{23}🟩$/mu);
    way.cut();
    await waitFor('redis to be seen down', 20_000, async () => (await stateOf('redis')) === 'down');
    await looking.query(
      `update health_states set since = now() - interval '17 minutes 5 seconds' where system = 'moalog' and service = 'redis'`,
    );
    const down = await ask('/ops health moalog redis', '1 of 1 answered', 'Last 24 hours');
    expect(down.text).toMatch(/🔴 \*redis\* down since .* UTC>? \(17 min\) · .*connection refused/u);
    expect(down.text).toMatch(/^⬜{23}🟥$/mu);
    expect(down.text).toMatch(/available \d\d?(\.\d+)? % of/u);
    const all = await ask('/ops health moalog', '12 of 12 answered');
    expect(all.text).toMatch(/🔴 \*redis\* down since .*\(17 min\)/u);
  });

  it('is there at a terminal that knows the journal, and is not missed by one that does not', async () => {
    const env = { MOALOG_REDIS_URL: `redis://127.0.0.1:${way.port}` };
    const knowing = await runCli(['health', 'moalog', 'redis'], { ...env, DATABASE_URL: database.url });
    expect(knowing).toMatchObject({ code: 1, stderr: '' });
    expect(knowing.stdout).toMatch(/redis +down .*connection refused · since .* \(\d+ min\)/u);
    expect(knowing.stdout).toMatch(/⬜{23}🟥/u);
    const away = await runCli(['health', 'moalog', 'redis'], {
      ...env,
      DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
    });
    expect(away).toMatchObject({ code: 1, stderr: '' });
    expect(away.stdout).toMatch(/redis +down .*connection refused$/mu);
  });

  it('begins anew when the service is back', async () => {
    await way.join();
    await waitFor('redis to be up', 20_000, async () => (await stateOf('redis')) === 'up');
    const { text } = await ask('/ops health moalog redis', '1 of 1 answered', 'Last 24 hours');
    expect(text).not.toContain('17 min)');
  });
});

describe('objectives', () => {
  it('are measured with PROMETHEUS_URL where a system has no Prometheus of its own', async () => {
    await waitFor('a first scrape', 20_000, async () => {
      const { text } = await ask('/ops health market-data', '5 of 5 answered', 'Objectives');
      // Nobody listens where the API should be: it was never available.
      return text.includes('✗ API availability (api): 0 % (objective 99.9 %; error budget overdrawn');
    });
    const after = lastTs(world.workspace);
    await world.workspace.as(PEOPLE.developer.id).command('/ops slo');
    const told = await toldAlone(world.workspace, PEOPLE.developer.id, 'market-data', after);
    expect(told.text).toContain('*dbis-core*');
    expect(told.text).toMatch(/nothing measures it · Reconciliation/u);
  });
});

it('an incident says what it means for others: who fails open, and who does not', async () => {
  await sendAlerts(world, [
    { labels: { alertname: 'ServiceDown', system: 'moalog', service: 'redis', severity: 'critical' } },
  ]);
  const root = await rootWith(world.workspace, 'ServiceDown', 'INC-');
  const reply = await replyWith(world.workspace, root.ts, 'What it means for others', 'Eviction policy');
  expect(reply.text).toMatch(/⚠ \*fails open\* · rate-limiter → redis/u);
  expect(reply.text).toMatch(/✗ does not fail open · fluxpay-engine → redis .*Idempotency checks/u);
  // The service's further checks are part of its diagnosis.
  await replyWith(world.workspace, root.ts, 'Memory', 'used memory');
});
