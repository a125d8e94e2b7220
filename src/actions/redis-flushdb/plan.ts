/** What a flush will do, worked out from the live Redis. Only reads. */
import type { Redis } from 'ioredis';
import {
  type ActionContext,
  isRefused,
  type PlanDraft,
  type Refused,
  type UndoPlan,
} from '../../domain/action.ts';
import { shownAddress, type Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import { onRedis } from './connection.ts';
import { type Inspected, inspectRedis } from './inspect.ts';
import { type KeySample, sampleKeys } from './sample.ts';

const LONGEST_LOOK_MS = 5_000;
const PATTERNS_SHOWN = 8;

export async function planFlush(
  target: Target,
  settings: { readonly db: number },
  context: ActionContext,
  undoMaxBytes: number,
): Promise<PlanDraft | Refused> {
  return onRedis(target, settings.db, context, async (redis) => {
    const inspected = await inspectRedis(redis, target, settings.db, context.self);
    return isRefused(inspected)
      ? inspected
      : draft(redis, target, settings.db, inspected, context, undoMaxBytes);
  });
}

async function draft(
  redis: Redis,
  target: Target,
  db: number,
  { identity, marker, info }: Inspected,
  context: ActionContext,
  undoMaxBytes: number,
): Promise<PlanDraft> {
  const keys = await redis.dbsize();
  const sample = await sampleKeys(redis, Math.min(LONGEST_LOOK_MS, context.timeoutMs / 2), context.signal);
  const usedMemory = Number(info.used_memory ?? 0);
  const bytes =
    sample.measured === 0 ? (keys === 0 ? 0 : usedMemory) : (sample.bytes / sample.measured) * keys;
  return {
    identity,
    marker,
    scope: { kind: 'keyspace', name: `db${db}`, keys, mayGrowTo: mayGrowTo(keys) },
    preview: [
      `${shownAddress(target.url ?? '')} · Redis ${oneLine(info.redis_version ?? '?', 20)} · db ${db}`,
      ...aboutServer(info, db, usedMemory),
      `goes: ${sayCount(keys, 'key')}, about ${sayBytes(bytes)} of memory`,
      ...aboutKeys(sample, keys),
    ],
    undo: undoPlan(Math.ceil(bytes), undoMaxBytes),
  };
}

/** The key count may grow by 10 %, and by 100 keys in any case, between plan and act. */
export function mayGrowTo(keys: number): number {
  return keys + Math.max(100, Math.ceil(keys / 10));
}

/** MEMORY USAGE is more than DUMP needs, so the estimate is on the safe side. */
function undoPlan(estimatedBytes: number, undoMaxBytes: number): UndoPlan {
  if (estimatedBytes > undoMaxBytes) {
    const bound = sayBytes(undoMaxBytes);
    return {
      kind: 'none',
      reason: `no undo: the keys are larger than the ${bound} that UNDO_MAX_BYTES allows`,
    };
  }
  const how =
    'every key is copied with its TTL (DUMP) before the flush; what is written after the copy is not in it';
  return { kind: 'made', how, estimatedBytes };
}

function aboutServer(info: Readonly<Record<string, string>>, db: number, usedMemory: number): string[] {
  const limit = Number(info.maxmemory ?? 0);
  const replicas = Number(info.connected_slaves ?? 0);
  const others = Object.entries(info).flatMap(([name, value]) => {
    const keys = /^db\d+$/u.test(name) && name !== `db${db}` ? /^keys=(\d+)/u.exec(value)?.[1] : undefined;
    return keys === undefined ? [] : [`${name} (${sayCount(Number(keys), 'key')})`];
  });
  return [
    `the server uses ${sayBytes(usedMemory)} of memory${limit > 0 ? ` of ${sayBytes(limit)}` : ', without a limit'}`,
    ...(replicas > 0 ? [`${sayCount(replicas, 'replica')} will be emptied with it`] : []),
    ...(others.length > 0 ? [`stays: ${others.join(', ')}`] : []),
  ];
}

function aboutKeys(sample: KeySample, keys: number): string[] {
  if (sample.seen === 0) return [];
  const source = `a sample of ${sample.seen.toLocaleString('en-US')} of ${sayCount(keys, 'key')}`;
  const share = Math.floor((100 * sample.withTtl) / sample.seen);
  return [
    ...(sample.whole ? [] : [`kinds, names and TTLs below are those of ${source}`]),
    `kinds: ${ranked(sample.kinds).join(', ')}`,
    `names: ${ranked(sample.patterns).join(', ')}`,
    `${share} % have a TTL and would go by themselves`,
    `for example (names may be masked, values are not shown): ${sample.examples.join(' · ')}`,
  ];
}

function ranked(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const rest = sorted.slice(PATTERNS_SHOWN);
  return [
    ...sorted.slice(0, PATTERNS_SHOWN).map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`),
    ...(rest.length > 0 ? [`${rest.length} others ${rest.reduce((sum, [, count]) => sum + count, 0)}`] : []),
  ];
}
