/** Three books that the bot does not write, beside each other: the sender's, the workspace's, the target's. */
import pg from 'pg';
import { verifyAudit } from '../../../src/journal/audit-verify.ts';
import { AUDIT_KEY } from '../../e2e/bot.ts';
import { roots, thread } from '../../e2e/slack-thread.ts';
import { type Cluster, journalUrl } from './cluster.ts';
import { type Group, rootsOf, stepMessages } from './people.ts';

export interface ChaosBooks {
  readonly alerts: number;
  readonly accepted: number;
  readonly roots: number;
  readonly approvals: number;
  readonly flushes: number;
  readonly done: number;
  readonly interrupted: number;
  /** What became of the other steps, in the thread's own words. */
  readonly otherwise: readonly string[];
  readonly wrong: readonly string[];
}

export async function compareBooks(
  cluster: Cluster,
  groups: readonly Group[],
  approved: ReadonlySet<string>,
): Promise<ChaosBooks> {
  const stats = await cluster.target.info('commandstats');
  const flushes = Number(/cmdstat_flushdb:calls=(\d+)/u.exec(stats)?.[1] ?? 0);
  const steps = roots(cluster.workspace).flatMap((root) => stepMessages(thread(cluster.workspace, root.ts)));
  const done = steps.filter((message) => message.text.includes('*done*')).length;
  const interrupted = steps.filter((message) => message.text.includes('*interrupted*')).length;
  const wrong = [...threadsOnce(cluster, groups), ...keysOnce(cluster), ...(await audit(cluster))];
  if (flushes > approved.size) wrong.push(`twice: ${flushes} flushes for ${approved.size} approvals`);
  if (flushes < done) wrong.push(`lost: ${done} steps are done, the target saw ${flushes} flushes`);
  if (flushes > done + interrupted)
    wrong.push(`twice: ${flushes} flushes, ${done} steps done and ${interrupted} interrupted`);
  for (const message of steps)
    if (/\*under way\*|✓ \*approved\*/u.test(message.text))
      wrong.push(`lost: never ended: ${message.text.slice(0, 120)}`);
  return {
    alerts: groups.reduce((sum, group) => sum + group.alerts, 0),
    accepted: groups.filter((group) => group.accepted > 0).reduce((sum, group) => sum + group.alerts, 0),
    roots: roots(cluster.workspace).length,
    approvals: approved.size,
    flushes,
    done,
    interrupted,
    otherwise: steps
      .filter((message) => !/\*(done|interrupted)\*/u.test(message.text))
      .map((message) => message.text.split('\n')[0] ?? ''),
    wrong,
  };
}

/** An accepted group has one place: a root of its own, or a line in a storm's thread. */
function threadsOnce(cluster: Cluster, groups: readonly Group[]): string[] {
  const wrong: string[] = [];
  const replies = cluster.workspace.store.messages().filter((message) => message.threadTs !== null);
  for (const group of groups) {
    if (group.accepted === 0) continue;
    const found = rootsOf(cluster, group);
    const inStorm = found.length === 0 && replies.some((message) => message.text.includes(group.name));
    if (found.length === 0 && !inStorm) wrong.push(`lost: ${group.name} was accepted and has no thread`);
    if (found.length > 1) wrong.push(`twice: ${found.length} threads for ${group.name}`);
    const said = group.alerts === 1 ? '1 alert' : `${group.alerts} alerts`;
    const [root] = found;
    if (root !== undefined && !root.text.includes(said))
      wrong.push(
        `lost: ${group.name} has ${group.alerts} alerts, its message says ${root.text.slice(0, 200)}`,
      );
  }
  return wrong;
}

interface Keyed {
  readonly event_payload?: { readonly key?: string };
}

function keysOnce(cluster: Cluster): string[] {
  const counts = new Map<string, number>();
  for (const message of cluster.workspace.store.messages()) {
    const key = (message.metadata as Keyed | null)?.event_payload?.key;
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, n]) => n > 1).map(([key, n]) => `twice: ${n} messages for ${key}`);
}

async function audit(cluster: Cluster): Promise<string[]> {
  const client = new pg.Client({ connectionString: journalUrl(cluster) });
  await client.connect();
  try {
    const verdict = await verifyAudit(client, AUDIT_KEY, null);
    return verdict.good ? [] : [`audit: bad at seq ${verdict.badSeq}: ${verdict.why}`];
  } finally {
    await client.end();
  }
}
