/** What happens to the processes and to Slack while people work: kills, restarts, slowness, refusals, lost answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../../src/local/workspace/faults.ts';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

const PAUSE_MS = { least: 700, more: 2500 } as const;

export type Blow = 'kill' | 'term' | 'redis' | 'postgres' | 'slack';
/** How often each comes, of all of them together. */
const BLOWS: readonly Blow[] = [
  'kill',
  'kill',
  'kill',
  'kill',
  'term',
  'redis',
  'postgres',
  'slack',
  'slack',
  'slack',
];

const SLACK_FAULTS: readonly Fault[] = [
  { kind: 'delay', ms: 1500 },
  { kind: 'http', status: 503 },
  { kind: 'http', status: 500 },
  { kind: 'limited', retryAfterSeconds: 1 },
  { kind: 'error', error: 'internal_error' },
  { kind: 'reset', after: true },
  { kind: 'reset', after: false },
];

/** Blows until the signal aborts; everything is up again when it returns. Counts each kind. */
export async function storm(
  cluster: Cluster,
  random: Random,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<ReadonlyMap<Blow, number>> {
  const counts = new Map<Blow, number>();
  while (!signal.aborted) {
    await sleep(PAUSE_MS.least + random.below(PAUSE_MS.more), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const blow = random.pick(BLOWS) ?? 'kill';
    counts.set(blow, (counts.get(blow) ?? 0) + 1);
    say(await strike(cluster, random, blow));
  }
  cluster.workspace.faults.clear();
  return counts;
}

async function strike(cluster: Cluster, random: Random, blow: Blow): Promise<string> {
  switch (blow) {
    case 'kill':
    case 'term': {
      const member = random.pick(cluster.members.filter((candidate) => candidate.bot !== null));
      if (member === undefined) return 'nobody is up';
      const signal = blow === 'kill' ? 'SIGKILL' : 'SIGTERM';
      await member.bot?.kill(signal);
      return `${signal} to ${member.name}`;
    }
    case 'redis':
      await cluster.queue.restart();
      return 'the queue’s Redis was killed and came back empty';
    case 'postgres': {
      process.kill(cluster.postgres.pid, 'SIGKILL');
      await sleep(random.below(800));
      await cluster.postgres.restart();
      return 'PostgreSQL was killed and came back';
    }
    case 'slack': {
      const fault = random.pick(SLACK_FAULTS) ?? { kind: 'http', status: 503 };
      const times = 1 + random.below(5);
      cluster.workspace.faults.next('*', fault, times);
      return `Slack: ${JSON.stringify(fault)} ${times} times`;
    }
    default:
      return blow satisfies never;
  }
}
