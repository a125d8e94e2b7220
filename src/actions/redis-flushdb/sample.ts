/** A look at a key space: kinds, names and TTLs of some of its keys, read without touching any value. */
import type { Redis } from 'ioredis';
import { answers } from './connection.ts';
import { keyPattern, shownKeyName } from './key-names.ts';

/** Keys looked at, at most. */
const MOST_KEYS = 10_000;
const SCAN_COUNT = 500;
const EXAMPLES = 5;

export interface KeySample {
  readonly seen: number;
  /** Whether every key was seen, so that counts are exact. */
  readonly whole: boolean;
  readonly kinds: ReadonlyMap<string, number>;
  readonly patterns: ReadonlyMap<string, number>;
  readonly withTtl: number;
  /** Bytes of memory of the `measured` keys, as MEMORY USAGE says; 0 of 0 where it may not be asked. */
  readonly bytes: number;
  readonly measured: number;
  readonly examples: readonly string[];
}

/** Looks at up to 10,000 keys for at most `budgetMs`, through SCAN, TYPE, PTTL and MEMORY USAGE. */
export async function sampleKeys(redis: Redis, budgetMs: number, signal: AbortSignal): Promise<KeySample> {
  const until = performance.now() + budgetMs;
  const known = new Set<string>();
  const kinds = new Map<string, number>();
  const patterns = new Map<string, number>();
  const examples: string[] = [];
  let [withTtl, bytes, measured, seen] = [0, 0, 0, 0];
  let cursor = '0';
  do {
    signal.throwIfAborted();
    const [next, found] = await redis.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
    cursor = next.toString();
    const keys = found.filter((key) => isNew(known, key)).slice(0, MOST_KEYS - seen);
    for (const look of await lookAt(redis, keys)) {
      seen += 1;
      count(kinds, look.kind);
      count(patterns, keyPattern(look.key));
      if (look.hasTtl) withTtl += 1;
      if (look.bytes !== null) {
        bytes += look.bytes;
        measured += 1;
      }
      if (examples.length < EXAMPLES) examples.push(shownKeyName(look.key));
    }
  } while (cursor !== '0' && seen < MOST_KEYS && performance.now() < until);
  return {
    seen,
    whole: cursor === '0' && seen < MOST_KEYS,
    kinds,
    patterns,
    withTtl,
    bytes,
    measured,
    examples,
  };
}

interface Look {
  readonly key: Buffer;
  readonly kind: string;
  readonly hasTtl: boolean;
  readonly bytes: number | null;
}

async function lookAt(redis: Redis, keys: readonly Buffer[]): Promise<readonly Look[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.type(key).pttl(key).call('MEMORY', 'USAGE', key);
  const results = await answers(pipeline);
  return keys.flatMap((key, i) => {
    const [kind, ttl, size] = [0, 1, 2].map((offset) => results[3 * i + offset]?.[1]);
    // A key that has gone meanwhile is of the kind "none".
    if (typeof kind !== 'string' || kind === 'none') return [];
    return [
      {
        key,
        kind,
        hasTtl: typeof ttl === 'number' && ttl >= 0,
        bytes: typeof size === 'number' ? size : null,
      },
    ];
  });
}

/** SCAN may tell a key twice. */
function isNew(known: Set<string>, key: Buffer): boolean {
  const name = key.toString('latin1');
  if (known.has(name)) return false;
  known.add(name);
  return true;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
