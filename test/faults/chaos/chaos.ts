/** Everything that can die dies, at random, while alerts come and flushes are approved; then the books are compared. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createRandom } from '../random.ts';
import { type ChaosBooks, compareBooks } from './books.ts';
import { type Cluster, journalUrl, startCluster } from './cluster.ts';
import { flushInThread, makeGroups, sendGroup } from './people.ts';
import { type Blow, storm } from './weather.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long the storm lasts; what is left then is done in calm. */
  readonly stormMs: number;
  readonly alerts: number;
  readonly perGroup: number;
  readonly approvals: number;
  /** How many of them in one thread, one after the other. */
  readonly perThread: number;
  /** For everything to be shown, once the storm is over. */
  readonly calmMs: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult extends ChaosBooks {
  readonly blows: ReadonlyMap<Blow, number>;
  readonly line: string;
}

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say } = options;
  say(`seed ${options.seed}: the same seed draws the same blows`);
  const random = createRandom(options.seed);
  const cluster = await startCluster();
  try {
    const groups = makeGroups(options.alerts, options.perGroup, options.approvals, options.perThread);
    const approved = new Set<string>();
    const over = new AbortController();
    const calm = new AbortController();
    await untilUp(cluster, options.calmMs);
    const blowing = storm(cluster, random, over.signal, say);
    // Chance of their own: how fast they are must not change the blows.
    const sending = sendAll(cluster, groups, createRandom(options.seed + 1), options.stormMs * 0.7);
    const people = groups
      .filter((group) => group.approvals > 0)
      .map((group) => flushInThread(cluster, group, approved, calm.signal));
    const progress = setInterval(() => {
      const accepted = groups.filter((group) => group.accepted > 0).length;
      say(`… ${accepted} of ${groups.length} groups accepted, ${approved.size} approvals`);
    }, 10_000);
    try {
      await sleep(options.stormMs);
      over.abort();
      const blows = await blowing;
      say('the storm is over');
      const late = setTimeout(() => calm.abort(), options.calmMs);
      await sending;
      await Promise.all(people);
      clearTimeout(late);
      await untilShown(cluster, options.calmMs);
      const books = await compareBooks(cluster, groups, approved);
      return { ...books, blows, line: sayBooks(books) };
    } finally {
      clearInterval(progress);
    }
  } finally {
    await cluster.stop();
  }
}

async function sendAll(
  cluster: Cluster,
  groups: readonly Parameters<typeof sendGroup>[1][],
  random: ReturnType<typeof createRandom>,
  withinMs: number,
): Promise<void> {
  const sending: Promise<void>[] = [];
  for (const group of groups) {
    sending.push(sendGroup(cluster, group, random));
    await sleep(withinMs / groups.length);
  }
  await Promise.all(sending);
}

async function untilUp(cluster: Cluster, withinMs: number): Promise<void> {
  await until('every process is up', withinMs, async () =>
    cluster.members.every((member) => member.bot !== null),
  );
}

/** Nothing due, nothing that Slack doesn't show, no doubt about twins: the end, and not a moment of it. */
async function untilShown(cluster: Cluster, withinMs: number): Promise<void> {
  await until('everything is shown', withinMs, async () => {
    const client = new pg.Client({ connectionString: journalUrl(cluster) });
    await client.connect();
    try {
      const { rows } = await client.query(
        `select 1 from messages where wanted > shown or look_again_at is not null
         union all select 1 from executions where phase in ('preparing', 'acting')
         union all select 1 from runs where state = 'running' and kind <> 'recovery' limit 1`,
      );
      return rows.length === 0;
    } finally {
      await client.end();
    }
  });
}

async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`in ${withinMs} ms it did not come to this: ${what}`);
    await sleep(200);
  }
}

function sayBooks(books: ChaosBooks): string {
  const count = (word: string): number => books.wrong.filter((text) => text.startsWith(word)).length;
  return `${books.alerts} alerts, ${books.accepted} accepted; ${books.approvals} approvals, ${books.flushes} flushes (${books.done} done, ${books.interrupted} interrupted); ${count('lost')} lost, ${count('twice')} twice, ${books.wrong.length} wrong`;
}
