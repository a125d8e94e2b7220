import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retain } from '../../../src/engine/upkeep/retention.ts';
import { takeNewAlerts } from '../../../src/journal/open-incidents.ts';
import { type Journal, openJournal, type Tx } from '../../../src/journal/open-journal.ts';
import { testDatabase } from '../../servers/postgres.ts';

const DAY_MS = 24 * 3_600_000;
const KEEP = {
  retainIncidentsMs: 365 * DAY_MS,
  retainHealthMs: 7 * DAY_MS,
  retainNoticesMs: 30 * DAY_MS,
  retainUndoMs: 7 * DAY_MS,
};
const INTAKE = { thresholds: { all: 250, unknown: 250 }, reopenWithinMs: 600_000 };
const OLD = 450;

const draft = (name: string) => ({
  system: 'moalog',
  service: null,
  alertname: name,
  severity: 'warning',
  critical: false,
  guessed: false,
  channel: '#ops',
  poster: null,
  repairs: [],
  arrivedWith: randomUUID(),
  groupKey: name,
  part: '',
  summary: '',
  externalUrl: '',
  runbookId: null,
  runbookHash: null,
  otherRunbooks: [],
  truncated: 0,
  event: 'fires',
  alerts: [
    {
      fingerprint: name,
      status: 'firing' as const,
      labels: { alertname: name },
      annotations: {},
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: null,
      generatorUrl: '',
    },
  ],
});

describe('retention', () => {
  let journal: Journal;
  const deps = (worker: string) => ({
    journal,
    worker,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
  });
  const count = async (what: string): Promise<number> =>
    (await journal.pool.query<{ n: number }>(`select count(*)::int as n from ${what}`)).rows[0]?.n ?? -1;

  beforeAll(async () => {
    journal = await openJournal({ url: (await testDatabase()).url, onError: () => undefined });
    const { pool } = journal;
    await pool.query(
      `insert into incidents (alertname, severity, state, group_key, opened_at, resolved_at, resolved_by)
       select 'Old' || n, 'warning', 'resolved', 'g' || n, now() - interval '401 days', now() - interval '400 days', 'x'
       from generate_series(1, $1) n`,
      [OLD],
    );
    await pool.query(
      `insert into alerts (incident_id, fingerprint, status, labels, annotations, starts_at)
       select id, 'f' || id, 'resolved', '{}', '{}', now() - interval '401 days' from incidents`,
    );
    await pool.query(`insert into events (incident_id, actor, text) select id, 'x', 'y' from incidents`);
    await pool.query(`insert into definitions (hash, id, body, created_at) values
      ('used', 'a/b', '{}', now() - interval '400 days'), ('unused', 'a/b', '{}', now() - interval '400 days')`);
    await pool.query(`insert into runs (incident_id, kind, runbook_id, definition_hash, asked_by, title, state)
      select id, 'diagnosis', 'a/b', 'used', 'alert', 't', 'succeeded' from incidents`);
    await pool.query(
      `insert into messages (surface, subject, slot, channel, shown, ts) select 'incident', id, 'root', '#ops', 1, id from incidents`,
    );
    await takeNewAlerts(pool, [draft('Young'), draft('Open')], INTAKE);
    await pool.query(
      `update incidents set state = 'resolved', resolved_at = now() - interval '300 days' where alertname = 'Young'`,
    );
    await pool.query(`insert into runs (incident_id, kind, runbook_id, definition_hash, asked_by, title)
      select id, 'diagnosis', 'a/b', 'used', 'alert', 't' from incidents where alertname = 'Open'`);
    await pool.query(`insert into steps (run_id, position, type, definition)
      select id, 1, 'action', '{}' from runs order by id desc limit 1`);
    await pool.query(`insert into executions (step_id, digest, claimed_by, undo_bytes, undo_digest, ended_at)
      select id, 'd', 'w', 3, 'x', now() - interval '8 days' from steps`);
    await pool.query(`insert into undo_parts select id, 0, 'abc' from executions`);
    for (const age of ['8 days', '6 days'])
      await pool.query(
        `with a as (insert into health_answers (asked_by, scope, at) values ('U1', 'all', now() - $1::interval) returning id)
         insert into messages (surface, subject, slot, channel) select 'health', id, 'answer', '#ops' from a`,
        [age],
      );
    await pool.query(`insert into runs (kind, runbook_id, definition_hash, asked_by, title, state, ended_at)
      values ('recovery', 'a/b', 'used', 'U1', 'by hand', 'succeeded', now() - interval '400 days')`);
    for (const age of ['31 days', '29 days']) {
      await pool.query(
        `insert into dead_letters (at, source, problem, body) values (now() - $1::interval, 's', 'p', 'b')`,
        [age],
      );
      await pool.query(`insert into early_ends values ('e' || $1, now(), now(), now() - $1::interval)`, [
        age,
      ]);
    }
    await pool.query(
      `insert into audit_entries values (1, now() - interval '4 years', 'k', 'a', 's', '{}', 'p', 'h')`,
    );
  });
  afterAll(() => journal.close());

  it('is one process’s at a time, and not again before its time', async () => {
    const both = await Promise.all([retain(deps('one'), KEEP), retain(deps('two'), KEEP)]);
    expect(both.filter((deleted) => deleted !== null)).toHaveLength(1);
    expect(both.find((deleted) => deleted !== null)).toMatchObject({
      incidents: OLD,
      runsByHand: 1,
      healthAnswers: 1,
      deadLetters: 1,
      earlyEnds: 1,
      undos: 1,
      definitions: 1,
    });
    expect(await retain(deps('two'), KEEP)).toBeNull();
  });

  it('deletes what hangs on it, and keeps what is young, open or the audit log', async () => {
    expect(await count('incidents')).toBe(2);
    for (const table of ['alerts', 'events', "messages where surface = 'incident' and slot = 'root'"])
      expect(await count(table), table).toBe(2);
    expect(await count('runs')).toBe(1);
    expect(await count("definitions where hash = 'used'")).toBe(1);
    expect(await count('health_answers')).toBe(1);
    expect(await count("messages where surface = 'health'")).toBe(1);
    expect(await count('dead_letters')).toBe(1);
    expect(await count('undo_parts')).toBe(0);
    expect(await count('executions')).toBe(1);
    expect(await count('audit_entries')).toBe(1);
  });

  it('holds no lock that a webhook waits for, and waits for none that one holds', async () => {
    await journal.pool.query(
      `insert into incidents (alertname, severity, state, group_key, resolved_at)
       select 'Again' || n, 'warning', 'resolved', 'again' || n, now() - interval '400 days' from generate_series(1, 5) n`,
    );
    const holder = await journal.pool.connect();
    const cleaner = await journal.pool.connect();
    try {
      await holder.query('begin');
      await holder.query(`select 1 from incidents where alertname = 'Again1' for update`);
      await cleaner.query('begin');
      // A pass in an open transaction: every lock that it takes is still held below.
      const slow: Journal = {
        ...journal,
        pool: new Proxy(journal.pool, {
          get: (pool, name) => (name === 'query' ? cleaner.query.bind(cleaner) : Reflect.get(pool, name)),
        }),
      };
      const deleted = await retain({ ...deps('three'), journal: slow }, KEEP, 0);
      expect(deleted).toMatchObject({ incidents: 4 });
      await journal.pool.query(`set statement_timeout = '2s'`);
      const tx: Tx = journal.pool;
      const opened = await takeNewAlerts(tx, [draft('again2'), draft('Fresh')], INTAKE);
      expect(opened).toHaveLength(2);
    } finally {
      await cleaner.query('rollback');
      await holder.query('rollback');
      cleaner.release();
      holder.release();
    }
  });
});
