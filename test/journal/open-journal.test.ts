import { expect, it } from 'vitest';
import { openJournal } from '../../src/journal/open-journal.ts';
import { emptyDatabase, testDatabase } from '../servers/postgres.ts';

it('any number of processes may open the journal at once, on an empty database and on one that is there', async () => {
  const { ownerUrl, superuserUrl } = await emptyDatabase();
  for (const as of [ownerUrl, superuserUrl]) {
    for (let round = 0; round < 3; round += 1) {
      const journals = await Promise.all(
        Array.from({ length: 8 }, () => openJournal({ url: as, max: 1, onError: () => undefined })),
      );
      for (const journal of journals) expect((await journal.pool.query('select 1')).rowCount).toBe(1);
      await Promise.all(journals.map((journal) => journal.close()));
    }
  }
});

it('parses what it asks again and again once for each connection', async () => {
  const { url } = await testDatabase();
  const journal = await openJournal({ url, max: 1, onError: () => undefined });
  for (const n of [1, 2, 3]) {
    const { rows } = await journal.pool.query<{ n: number }>('select $1::int as n', [n]);
    expect(rows).toEqual([{ n }]);
  }
  const { rows } = await journal.pool.query<{ times: number }>(
    `select (generic_plans + custom_plans)::int as times from pg_prepared_statements where statement = 'select $1::int as n'`,
  );
  expect(rows).toEqual([{ times: 3 }]);
  await journal.close();
});
