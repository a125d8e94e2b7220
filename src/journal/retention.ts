/**
 * What is over and old enough is deleted, a few rows in one statement: nothing waits for it but those rows, and nobody
 * wants them. The audit log is never touched.
 */
import type { Tx } from './open-journal.ts';

export interface Retention {
  /** Milliseconds, each. */
  readonly retainIncidentsMs: number;
  readonly retainHealthMs: number;
  readonly retainNoticesMs: number;
  readonly retainUndoMs: number;
}

export type Deletion = (tx: Tx, limit: number) => Promise<number>;

const before = (parameter: string): string => `now() - make_interval(secs => ${parameter})`;

async function touched(tx: Tx, text: string, values: unknown[]): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(text, values);
  return rows[0]?.n ?? 0;
}

/** Rows whose `since` is that long ago and to which `more` applies, with the messages that tell of them. */
const told =
  (table: string, surface: string, since: string, more = 'true') =>
  (ms: number): Deletion =>
  (tx, limit) =>
    touched(
      tx,
      `with old as (select id from ${table} where ${since} < ${before('$1')} and ${more}
         order by ${since} limit $2 for update skip locked),
       told as (delete from messages where surface = '${surface}' and subject in (select id from old)),
       gone as (delete from ${table} where id in (select id from old) returning id)
       select count(*)::int as n from gone`,
      [ms / 1000, limit],
    );

/** With its alerts, events, runs, steps, requests, executions and undos, by their foreign keys. */
const incidents = told(
  'incidents',
  'incident',
  'resolved_at',
  `state = 'resolved' and not exists (select 1 from runs join steps on steps.run_id = runs.id
     where runs.incident_id = incidents.id and steps.state = 'running')`,
);

/** Runs that belong to no incident. */
const runsByHand = told('runs', 'run', 'ended_at', `incident_id is null and state <> 'running'`);

const storms = told(
  'storms',
  'storm',
  'ended_at',
  'not exists (select 1 from storm_entries e where e.storm_id = storms.id)',
);

const healthAnswers = told('health_answers', 'health', 'at');

const deadLetters = told('dead_letters', 'notice', 'at');

const earlyEnds: (ms: number) => Deletion = (ms) => (tx, limit) =>
  touched(
    tx,
    `with gone as (delete from early_ends where fingerprint in (
       select fingerprint from early_ends where received_at < ${before('$1')} limit $2 for update skip locked) returning 1)
     select count(*)::int as n from gone`,
    [ms / 1000, limit],
  );

/** A signed request is good for five minutes: nobody can send it again after an hour. */
const triggers: Deletion = (tx, limit) =>
  touched(
    tx,
    `with gone as (delete from triggers where key in (
       select key from triggers where at < now() - interval '1 hour' limit $1) returning 1)
     select count(*)::int as n from gone`,
    [limit],
  );

/** Timers are dropped as they fire; one this old belongs to nothing. */
const timers: (ms: number) => Deletion = (ms) => (tx, limit) =>
  touched(
    tx,
    `with gone as (delete from timers where (kind, subject) in (
       select kind, subject from timers where due_at < ${before('$1')} limit $2 for update skip locked) returning 1)
     select count(*)::int as n from gone`,
    [ms / 1000, limit],
  );

/** The execution stays, without what could have brought it back. */
const undos: (ms: number) => Deletion = (ms) => (tx, limit) =>
  touched(
    tx,
    `with old as (select id from executions where undo_bytes > 0 and ended_at < ${before('$1')}
       order by ended_at limit $2 for update skip locked),
     parts as (delete from undo_parts where execution_id in (select id from old)),
     gone as (update executions set undo_bytes = 0, undo_digest = null where id in (select id from old) returning id)
     select count(*)::int as n from gone`,
    [ms / 1000, Math.max(1, Math.floor(limit / 20))],
  );

/** Definitions that no run and no incident points to any more; a new one is left for whoever is about to. */
const definitions: (ms: number) => Deletion = (ms) => (tx, limit) =>
  touched(
    tx,
    `with gone as (delete from definitions where hash in (
       select hash from definitions d where created_at < ${before('$1')}
         and not exists (select 1 from runs where definition_hash = d.hash)
         and not exists (select 1 from incidents where runbook_hash = d.hash)
       limit $2 for update skip locked) returning 1)
     select count(*)::int as n from gone`,
    [ms / 1000, limit],
  );

/** In the order in which one makes room for the next. */
export const deletions = (keep: Retention): Readonly<Record<string, Deletion>> => ({
  incidents: incidents(keep.retainIncidentsMs),
  runsByHand: runsByHand(keep.retainIncidentsMs),
  storms: storms(keep.retainIncidentsMs),
  healthAnswers: healthAnswers(keep.retainHealthMs),
  deadLetters: deadLetters(keep.retainNoticesMs),
  earlyEnds: earlyEnds(keep.retainNoticesMs),
  timers: timers(keep.retainNoticesMs),
  triggers,
  undos: undos(keep.retainUndoMs),
  definitions: definitions(keep.retainIncidentsMs),
});
