/** What a process and its servers hold, every few seconds. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Database } from '../database.ts';

export interface Sample {
  /** Seconds since the first. */
  readonly at: number;
  readonly rssMiB: number;
  readonly descriptors: number;
  readonly tablesMiB: number;
  readonly queueKeys: number;
  readonly incidents: number;
}

export const MEASURES = ['rssMiB', 'descriptors', 'tablesMiB', 'queueKeys', 'incidents'] as const;

const MIB = 1024 * 1024;

export async function takeSample(at: number, pid: number, database: Database, queue: Redis): Promise<Sample> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rows = await database.query<{ bytes: number; incidents: number }>(
    `select sum(pg_total_relation_size(c.oid))::float8 as bytes, (select count(*)::int from incidents) as incidents
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'`,
  );
  return {
    at,
    rssMiB: Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1] ?? 0) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    tablesMiB: (rows[0]?.bytes ?? 0) / MIB,
    queueKeys: await queue.dbsize(),
    incidents: rows[0]?.incidents ?? 0,
  };
}

/** How much a line through the points rises in a minute (least squares). */
export function risePerMinute(points: readonly (readonly [seconds: number, value: number])[]): number {
  const n = points.length;
  if (n < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60;
}

/** The first half warms up: only the second must be flat. */
export function secondHalf(
  samples: readonly Sample[],
  measure: (typeof MEASURES)[number],
): readonly (readonly [number, number])[] {
  return samples.slice(Math.floor(samples.length / 2)).map((sample) => [sample.at, sample[measure]] as const);
}
