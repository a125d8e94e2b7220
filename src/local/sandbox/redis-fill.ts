/** Fills the sandbox's Redis with cached pages, and empties it of them. */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisInfo } from '../../clients/redis.ts';

const PREFIX = 'cache:page:';
/** Just below an allocation class of jemalloc with its header. */
const PAGE_BYTES = 16_000;
/** Pages sent at once: half a mebibyte, so that the server's own buffers don't count for much. */
const AT_ONCE = 32;
/** Percent of maxmemory to stop at: above the alert's bound, with room for what moalog itself writes. */
const FULL_PERCENT = 92;
/** More than this many pages never fit into the sandbox's 64 MB. */
const MAX_PAGES = 8_000;

export interface Memory {
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  /** Of maxBytes; 0 when there is no limit. */
  readonly usedPercent: number;
}

export async function readMemory(redis: Redis): Promise<Memory> {
  const info = await redisInfo(redis, 'memory');
  const usedBytes = Number(info.used_memory ?? 0);
  const maxBytes = Number(info.maxmemory ?? 0);
  return { usedBytes, maxBytes, usedPercent: maxBytes === 0 ? 0 : (usedBytes / maxBytes) * 100 };
}

/** Writes pages until the memory is 92 % used. Returns how many were written. @throws when there is no limit to reach. */
export async function fillWithPages(redis: Redis, signal: AbortSignal): Promise<number> {
  const page =
    `<!doctype html><title>Retrospective</title><main>${randomBytes(PAGE_BYTES).toString('base64')}`.slice(
      0,
      PAGE_BYTES,
    );
  const batch = randomBytes(3).toString('hex');
  for (let written = 0; written < MAX_PAGES; written += AT_ONCE) {
    signal.throwIfAborted();
    const memory = await readMemory(redis);
    if (memory.maxBytes === 0)
      throw new Error('the sandbox’s Redis has no maxmemory any more: there is nothing to fill');
    if (memory.usedPercent >= FULL_PERCENT) return written;
    const pipeline = redis.pipeline();
    for (let n = 0; n < AT_ONCE; n++) pipeline.set(`${PREFIX}retrospects:${batch}:${written + n}`, page);
    const answers = await pipeline.exec();
    // With noeviction a full Redis answers OOM: as full as it gets.
    if (answers?.some(([error]) => error !== null) === true) return written;
  }
  return MAX_PAGES;
}

/** Removes cached pages and nothing else. Returns how many there were. */
export async function emptyOfPages(redis: Redis, signal: AbortSignal): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    signal.throwIfAborted();
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 500);
    if (keys.length > 0) removed += await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
  return removed;
}
