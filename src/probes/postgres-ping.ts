/** Does a PostgreSQL answer a query, and does it take writes. */
import { z } from 'zod';
import { askPostgres } from '../clients/postgres.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

export const POSTGRES_SCHEMES = ['postgres', 'postgresql'] as const;

const settings = z.strictObject({});
const row = z.object({ version: z.string(), in_recovery: z.boolean() });

export const postgresPing = probeKind<z.output<typeof settings>>({
  name: 'postgres.ping',
  settings,
  needs: { schemes: POSTGRES_SCHEMES },
  facts: { version: { type: 'text' }, in_recovery: { type: 'boolean' } },
  async probe(target, _settings, context) {
    const { rows } = await askPostgres(addressOf(target), context, (client) =>
      client.query(
        `select 1, current_setting('server_version') as version, pg_is_in_recovery() as in_recovery`,
      ),
    );
    return up(row.parse(rows[0]));
  },
});
