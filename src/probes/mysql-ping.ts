/** Does a MySQL or MariaDB answer a query, signed in. */
import { z } from 'zod';
import { askMysql } from '../clients/mysql.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({});
const row = z.object({ version: z.string(), read_only: z.coerce.number() });

export const mysqlPing = probeKind<z.output<typeof settings>>({
  name: 'mysql.ping',
  settings,
  needs: { schemes: ['mysql', 'mariadb'] },
  facts: { version: { type: 'text' }, read_only: { type: 'boolean' } },
  async probe(target, _settings, context) {
    const rows = await askMysql(addressOf(target), context, (query) =>
      query('select version() as version, @@global.read_only as read_only'),
    );
    const found = row.parse(rows[0]);
    return up({ version: found.version, read_only: found.read_only !== 0 });
  },
});
