import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendAudit, auditHead, fitsKey } from '../../src/journal/audit-chain.ts';
import { verifyAudit } from '../../src/journal/audit-verify.ts';
import { type Journal, openJournal, transact } from '../../src/journal/open-journal.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';

const KEY = 'a key that is long enough';

describe('the audit log', () => {
  let database: TestDatabase;
  let journal: Journal;
  let superuser: pg.Client;

  beforeAll(async () => {
    database = await testDatabase();
    journal = await openJournal({ url: database.url, onError: () => undefined });
    superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await transact(journal, (tx) =>
      appendAudit(
        tx,
        KEY,
        [1, 2, 3, 4, 5].map((n) => ({
          kind: 'request.decided',
          actor: `U${n}`,
          subject: `STEP-${n}`,
          payload: { n, text: 'é"\u2028', nested: { b: 1, a: [null, true] } },
        })),
      ),
    );
  });
  afterAll(async () => {
    await superuser.end();
    await journal.close();
  });

  /** Does something to the rows as a superuser, looks, and undoes it. */
  async function tampered(sql: string): Promise<string> {
    await superuser.query('begin');
    try {
      await superuser.query(sql);
      const verdict = await verifyAudit(superuser, KEY, null);
      return verdict.good ? 'good' : `bad at ${verdict.badSeq}`;
    } finally {
      await superuser.query('rollback');
    }
  }

  it('is whole after honest writes, and says its head', async () => {
    const head = await auditHead(journal.pool);
    expect(await verifyAudit(journal.pool, KEY, null)).toEqual({ good: true, entries: 5, head: head.hash });
  });

  it.each([
    [
      'a changed payload',
      `update audit_entries set payload = jsonb_set(payload, '{n}', '9') where seq = 3`,
      'bad at 3',
    ],
    ['a changed person', `update audit_entries set actor = 'U9' where seq = 2`, 'bad at 2'],
    [
      'a changed time',
      `update audit_entries set at = at + interval '1 microsecond' where seq = 4`,
      'bad at 4',
    ],
    ['a removed row', 'delete from audit_entries where seq = 3', 'bad at 3'],
    ['a cut tail', 'delete from audit_entries where seq = 5', 'bad at 5'],
    [
      'an inserted row',
      `insert into audit_entries select 6, at, kind, actor, subject, payload, hash, hash from audit_entries where seq = 5`,
      'bad at 6',
    ],
    [
      'a row before the first',
      `insert into audit_entries select 0, at, kind, actor, subject, payload, hash, hash from audit_entries where seq = 5`,
      'bad at 0',
    ],
    [
      'two rows that changed places',
      `update audit_entries set seq = case seq when 2 then -3 when 3 then -2 else seq end; update audit_entries set seq = -seq where seq < 0`,
      'bad at 2',
    ],
  ])('finds %s', async (_, sql, expected) => {
    expect(await tampered(sql)).toBe(expected);
  });

  it('finds a tail cut together with the head row when the head is known from elsewhere', async () => {
    const { hash } = await auditHead(journal.pool);
    await superuser.query('begin');
    await superuser.query('delete from audit_entries where seq = 5');
    await superuser.query(
      'update audit_head set seq = 4, hash = (select hash from audit_entries where seq = 4)',
    );
    expect((await verifyAudit(superuser, KEY, null)).good).toBe(true);
    expect((await verifyAudit(superuser, KEY, hash)).good).toBe(false);
    await superuser.query('rollback');
  });

  it('does not verify with another key, which is noticed at the start', async () => {
    expect(await verifyAudit(journal.pool, 'another key, just as long', null)).toMatchObject({
      good: false,
      badSeq: 1,
    });
    expect(await fitsKey(journal.pool, KEY)).toBe(true);
    expect(await fitsKey(journal.pool, 'another key, just as long')).toBe(false);
  });

  it.each(['update audit_entries set actor = actor', 'delete from audit_entries', 'truncate audit_entries'])(
    'refuses "%s" to the bot’s own role',
    async (sql) => {
      await expect(journal.pool.query(sql)).rejects.toThrow(/permission denied/);
    },
  );

  it('refuses them too when the URL is a superuser’s', async () => {
    const own = await openJournal({ url: database.superuserUrl, onError: () => undefined });
    await expect(own.pool.query('delete from audit_entries')).rejects.toThrow(/permission denied/);
    await own.close();
  });
});
