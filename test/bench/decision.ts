/** From the journalled approval to the claim of its execution; beside a bare BullMQ job from added to begun. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { replyWith, rootWith } from '../e2e/slack-thread.ts';
import { sendAlerts } from '../e2e/webhook.ts';
import { startRedis } from '../servers/redis.ts';
import { median, type Row } from './table.ts';
import { startBenchWorld } from './world.ts';

const ROUNDS = 15;

async function bareJobs(url: string): Promise<readonly number[]> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection });
  const times: number[] = [];
  let begun = (_: number): void => undefined;
  const own = new Redis(url, { maxRetriesPerRequest: null });
  const worker = new Worker('bare', async () => begun(performance.now()), { connection: own });
  await worker.waitUntilReady();
  for (let i = 0; i < ROUNDS; i += 1) {
    const added = performance.now();
    const started = new Promise<number>((resolve) => {
      begun = resolve;
    });
    await queue.add('job', {});
    times.push((await started) - added);
  }
  await worker.close();
  await queue.close();
  connection.disconnect();
  own.disconnect();
  return times;
}

export async function benchDecision(): Promise<readonly Row[]> {
  const [target, spare] = await Promise.all([startRedis({ password: 'of-the-target' }), startRedis()]);
  const bare = await bareJobs(spare.url);
  await spare.stop();
  const world = await startBenchWorld({ MOALOG_REDIS_URL: target.url });
  const redis = new Redis(target.url);
  const { workspace } = world;
  for (let i = 0; i < ROUNDS; i += 1) {
    await redis.set('a key', 'to flush');
    const labels = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', case: `c${i}` };
    await sendAlerts(world, [{ labels, annotations: { summary: `case${i}x` } }], `group ${i}`);
    const root = await rootWith(workspace, 'HighMemoryUsage', `case${i}x`);
    const diagnosis = await replyWith(workspace, root.ts, 'Diagnosis', 'Recovery');
    await workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
    const step = await replyWith(workspace, root.ts, 'waits for a decision');
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, '*done*');
  }
  const journal = new pg.Client({ connectionString: world.env.DATABASE_URL });
  await journal.connect();
  const { rows } = await journal.query<{ ms: number }>(
    `select (extract(epoch from e.at - d.at) * 1000)::float8 as ms from audit_entries d
     join audit_entries e on e.subject = d.subject and e.kind = 'execution.claimed' where d.kind = 'request.decided'`,
  );
  await journal.end();
  redis.disconnect();
  await world.stop();
  await target.stop();
  return [
    {
      what: `approved → its execution claimed, median of ${rows.length}`,
      ms: median(rows.map(({ ms }) => ms)),
      baseline: 'a bare BullMQ job, added to begun',
      baselineMs: median(bare),
    },
  ];
}
