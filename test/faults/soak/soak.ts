/** Steady work for a long time: alerts that come and go, health answers, clicks. What the bot holds must not grow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { startWorld, type World } from '../../e2e/bot.ts';
import { roots } from '../../e2e/slack-thread.ts';
import { sendAlerts } from '../../e2e/webhook.ts';
import { startRedis } from '../../servers/redis.ts';
import { openDatabases } from '../database.ts';
import { risePerMinute, type Sample, secondHalf, takeSample } from './samples.ts';

export interface SoakOptions {
  readonly durationMs: number;
  readonly everyMs: number;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  /** File descriptors before the first alert, and after the last when all is calm again. */
  readonly descriptors: { readonly before: number; readonly after: number };
  readonly wrong: readonly string[];
}

/** Rise in a minute, of a line through the second half, beyond which something is taken for kept. */
const BOUNDS = { rssMiB: 3, descriptors: 1, queueKeys: 2 } as const;
/** What an incident may add to the tables: its rows are kept, and that is all. */
const MIB_PER_INCIDENT = 0.2;
/** One incident and one health answer in this time: as much as Slack's pace of a message a second takes. */
const ROUND_MS = 6000;
const CALM_MS = 60_000;
/** Connections of pools that come and go. */
const DESCRIPTORS_EITHER_WAY = 6;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { say } = options;
  const [databases, queueServer, target] = await Promise.all([
    openDatabases({ logStatements: false }),
    startRedis(),
    startRedis(),
  ]);
  const database = await databases.fresh();
  const queue = new Redis(queueServer.url);
  queue.on('error', () => undefined);
  const world = await startWorld({
    DATABASE_URL: database.url,
    REDIS_URL: queueServer.url,
    MOALOG_REDIS_URL: target.url,
    LOG_LEVEL: 'error',
  });
  const samples: Sample[] = [];
  try {
    await oneRound(world, 0);
    await sleep(ROUND_MS);
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const before = (await takeSample(0, world.bot.pid, database, queue)).descriptors;
    const over = new AbortController();
    const sampling = (async () => {
      while (!over.signal.aborted) {
        const sample = await takeSample(seconds(), world.bot.pid, database, queue);
        samples.push(sample);
        say(saySample(sample));
        await sleep(options.everyMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
    })();
    for (let round = 1; performance.now() - begun < options.durationMs; round += 1) {
      const next = begun + round * ROUND_MS;
      await oneRound(world, round);
      await sleep(Math.max(0, Math.min(next - performance.now(), options.durationMs)));
    }
    over.abort();
    await sampling;
    const after = await calmDescriptors(world, database, queue, before);
    return { samples, descriptors: { before, after }, wrong: judge(samples, before, after) };
  } finally {
    await world.stop();
    queue.disconnect();
    await database.drop();
    await databases.stop();
    await Promise.all([queueServer.stop(), target.stop()]);
  }
}

/** An alert that is taken by somebody and ends, and a health answer. */
async function oneRound(world: World, round: number): Promise<void> {
  const name = `Soak${round}x`;
  const alert = { labels: { alertname: name, system: 'moalog', service: 'redis', severity: 'warning' } };
  await sendAlerts(world, [alert], name);
  await world.workspace.as(PEOPLE.developer.id).command('/ops health moalog redis');
  const deadline = performance.now() + ROUND_MS;
  const root = () => roots(world.workspace).find((message) => message.text.includes(name));
  while (root() === undefined && performance.now() < deadline) await sleep(50);
  const found = root();
  if (found !== undefined) await world.workspace.as(PEOPLE.onCall.id).click(found.ts, 'Acknowledge');
  await sendAlerts(world, [{ ...alert, status: 'resolved' }], name);
}

/** Pools close what they don't use after half a minute. */
async function calmDescriptors(
  world: World,
  database: Parameters<typeof takeSample>[2],
  queue: Redis,
  before: number,
): Promise<number> {
  const deadline = performance.now() + CALM_MS;
  for (;;) {
    const { descriptors } = await takeSample(0, world.bot.pid, database, queue);
    if (descriptors <= before + DESCRIPTORS_EITHER_WAY || performance.now() > deadline) return descriptors;
    await sleep(500);
  }
}

function judge(samples: readonly Sample[], before: number, after: number): readonly string[] {
  const wrong: string[] = [];
  for (const [measure, bound] of [
    ['rssMiB', BOUNDS.rssMiB],
    ['descriptors', BOUNDS.descriptors],
    ['queueKeys', BOUNDS.queueKeys],
  ] as const) {
    const rise = risePerMinute(secondHalf(samples, measure));
    if (rise > bound) wrong.push(`${measure} rises by ${rise.toFixed(2)} a minute, more than ${bound}`);
  }
  const [first, last] = [samples[Math.floor(samples.length / 2)], samples.at(-1)];
  if (first !== undefined && last !== undefined && last.incidents > first.incidents) {
    const each = (last.tablesMiB - first.tablesMiB) / (last.incidents - first.incidents);
    if (each > MIB_PER_INCIDENT) wrong.push(`an incident adds ${each.toFixed(2)} MiB to the tables`);
  }
  if (after > before + DESCRIPTORS_EITHER_WAY)
    wrong.push(`${before} file descriptors at the start, ${after} when all was calm again`);
  return wrong;
}

export const saySample = (sample: Sample): string =>
  `${sample.at.toFixed(0).padStart(5)} s  ${sample.rssMiB.toFixed(1).padStart(7)} MiB  ${String(sample.descriptors).padStart(4)} fd  tables ${sample.tablesMiB.toFixed(2)} MiB  queue ${sample.queueKeys} keys  ${sample.incidents} incidents`;
