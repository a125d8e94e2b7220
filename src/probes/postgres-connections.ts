/** How full the connections of a PostgreSQL are, what they do, and which statements run for too long. */
import { z } from 'zod';
import { askPostgres } from '../clients/postgres.ts';
import { oneLine } from '../domain/text.ts';
import { POSTGRES_SCHEMES } from './postgres-ping.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  /** Of max_connections, past which it is degraded. */
  maxPercent: z.number().min(1).max(100).default(80),
  /** Seconds, from which a statement counts as long. */
  longSeconds: z.int().positive().max(86_400).default(60),
});

const counts = z.object({
  total: z.number(),
  active: z.number(),
  idle: z.number(),
  idle_in_transaction: z.number(),
  max_connections: z.number(),
  used_percent: z.number(),
  long_queries: z.number(),
  longest_query_seconds: z.number(),
});
const longQuery = z.object({ pid: z.number(), seconds: z.number(), query: z.string() });

const COUNTS = `
  select count(*)::int as total,
    count(*) filter (where state = 'active')::int as active,
    count(*) filter (where state = 'idle')::int as idle,
    count(*) filter (where state like 'idle in transaction%')::int as idle_in_transaction,
    current_setting('max_connections')::int as max_connections,
    round(count(*) * 100.0 / current_setting('max_connections')::int, 1)::float8 as used_percent,
    count(*) filter (where state = 'active' and now() - query_start > $1 * interval '1 second')::int
      as long_queries,
    coalesce(max(extract(epoch from now() - query_start)) filter (where state = 'active'), 0)::int
      as longest_query_seconds
  from pg_stat_activity where backend_type = 'client backend'`;
const LONG = `
  select pid, extract(epoch from now() - query_start)::int as seconds, left(query, 200) as query
  from pg_stat_activity
  where backend_type = 'client backend' and state = 'active' and now() - query_start > $1 * interval '1 second'
  order by query_start limit 10`;

export const postgresConnections = probeKind<z.output<typeof settings>>({
  name: 'postgres.connections',
  settings,
  needs: { schemes: POSTGRES_SCHEMES },
  facts: {
    used_percent: { type: 'number', unit: '%' },
    total: { type: 'number' },
    active: { type: 'number' },
    idle: { type: 'number' },
    idle_in_transaction: { type: 'number' },
    max_connections: { type: 'number' },
    long_queries: { type: 'number' },
    longest_query_seconds: { type: 'number', unit: 's' },
  },
  async probe(target, { maxPercent, longSeconds }, context) {
    const [all, long] = await askPostgres(
      addressOf(target),
      context,
      async (client) =>
        [
          counts.parse((await client.query(COUNTS, [longSeconds])).rows[0]),
          z.array(longQuery).parse((await client.query(LONG, [longSeconds])).rows),
        ] as const,
    );
    const output = long
      .map(({ pid, seconds, query }) => `${pid} ${seconds} s: ${oneLine(query, 150)}`)
      .join('\n');
    if (all.used_percent <= maxPercent) return up(all, output);
    const reason = `${all.total} of ${all.max_connections} connections (${all.used_percent} %), more than ${maxPercent} %`;
    return degraded(reason, all, output);
  },
});
