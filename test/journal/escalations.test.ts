import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/journal/commit.ts';
import {
  insertEscalation,
  markPage,
  readEscalation,
  stopCalling,
  takePages,
  wasCalledAsBackup,
} from '../../src/journal/escalations.ts';
import { moveIncident } from '../../src/journal/incidents.ts';
import { type Journal, openJournal, transact } from '../../src/journal/open-journal.ts';
import { testDatabase } from '../servers/postgres.ts';

describe('calls and pages in the journal', () => {
  let journal: Journal;
  beforeAll(async () => {
    journal = await openJournal({ url: (await testDatabase()).url, onError: () => undefined });
    await journal.pool.query(
      `insert into incidents (id, alertname, severity, state, group_key) select n, 'A', 'warning', 'firing', 'g' || n from generate_series(1, 9) n`,
    );
  });
  afterAll(() => journal.close());

  const call = (incident: number, role: 'on-call' | 'backup', person: string, pages: boolean) =>
    insertEscalation(journal.pool, {
      surface: 'incident',
      subject: incident,
      incidentId: incident,
      runId: null,
      level: 1,
      call: { role, people: [person] },
      next: { role: 'tech-lead', people: ['ULEAD'] },
      nextInMs: 60_000,
      pages,
    });

  it('a page is taken by one of many, again only after its lease, and never once it went out', async () => {
    const id = await call(1, 'on-call', 'UANNA', true);
    const taken = await Promise.all(Array.from({ length: 8 }, () => takePages(journal.pool, 60_000)));
    expect(taken.flat().map((row) => row.id)).toEqual([id]);
    expect(await takePages(journal.pool, 60_000)).toEqual([]);
    await journal.pool.query(`update escalations set page_try_at = now() - interval '1 s' where id = $1`, [
      id,
    ]);
    expect((await takePages(journal.pool, 60_000)).map((row) => row.pageTries)).toEqual([2]);
    await markPage(journal.pool, id, { problem: null, againMs: null });
    await journal.pool.query(`update escalations set page_try_at = now() - interval '1 s' where id = $1`, [
      id,
    ]);
    expect(await takePages(journal.pool, 60_000)).toEqual([]);
    expect((await readEscalation(journal.pool, id))?.page).toBe('sent');
  });

  it('once somebody has answered, no page goes out and nobody is next', async () => {
    const id = await call(2, 'on-call', 'UANNA', true);
    await stopCalling(journal.pool, 'incident', 2);
    expect(await takePages(journal.pool, 60_000)).toEqual([]);
    expect(await readEscalation(journal.pool, id)).toMatchObject({
      page: 'none',
      nextAt: null,
      nextRole: null,
    });
  });

  it('a page that can’t be delivered is said, and given up', async () => {
    const id = await call(3, 'on-call', 'UANNA', true);
    await takePages(journal.pool, 60_000);
    await markPage(journal.pool, id, { problem: 'HTTP 400', againMs: null });
    expect(await readEscalation(journal.pool, id)).toMatchObject({ page: 'failed', pageProblem: 'HTTP 400' });
  });

  it('only a backup who was called, and only in that incident, stands in', async () => {
    await call(4, 'on-call', 'UANNA', false);
    await call(4, 'backup', 'UBEN', false);
    expect(await wasCalledAsBackup(journal.pool, 4, 'UBEN')).toBe(true);
    expect(await wasCalledAsBackup(journal.pool, 4, 'UANNA')).toBe(false);
    expect(await wasCalledAsBackup(journal.pool, 5, 'UBEN')).toBe(false);
  });

  const move = (id: number, to: 'acknowledged' | 'firing' | 'resolved', by: string) =>
    transact(journal, async (tx) => {
      await run(tx, moveIncident(id, ['firing', 'acknowledged', 'resolved'], to, by));
      await stopCalling(tx, 'incident', id);
    });

  it('a backup stands in no longer once somebody else has taken the incident', async () => {
    await call(6, 'backup', 'UBEN', false);
    await move(6, 'acknowledged', 'UANNA');
    expect(await wasCalledAsBackup(journal.pool, 6, 'UBEN')).toBe(false);
  });

  it('a backup who takes the incident goes on standing in until it is resolved, and not when it is reopened', async () => {
    await call(7, 'backup', 'UBEN', false);
    await move(7, 'acknowledged', 'UBEN');
    expect(await wasCalledAsBackup(journal.pool, 7, 'UBEN')).toBe(true);
    await move(7, 'resolved', 'UBEN');
    expect(await wasCalledAsBackup(journal.pool, 7, 'UBEN')).toBe(false);
    await move(7, 'firing', 'UANNA');
    expect(await wasCalledAsBackup(journal.pool, 7, 'UBEN')).toBe(false);
    await call(7, 'backup', 'UBEN', false);
    expect(await wasCalledAsBackup(journal.pool, 7, 'UBEN')).toBe(true);
  });
});
