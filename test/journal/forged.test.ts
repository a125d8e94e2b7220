/** Whoever can write the journal, but has no key, makes nothing run: each way is tried on a real journal and a real Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideRequest } from '../../src/engine/changes/decide-request.ts';
import { executeAction } from '../../src/engine/changes/execute-action.ts';
import { planStep } from '../../src/engine/changes/plan-step.ts';
import { readIncidentStory } from '../../src/engine/reading/read-incident-story.ts';
import { whyTampered } from '../../src/journal/audit-chain.ts';
import { verifyAudit } from '../../src/journal/audit-verify.ts';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { AUDIT_KEY } from '../e2e/bot.ts';
import { type Databases, openDatabases } from '../faults/database.ts';
import { type Arena, openArena, SECOND_LEAD } from '../faults/races/arena.ts';
import { type Asked, askedFlush, decide, flushes } from '../faults/races/scenes.ts';

/** Not the people of other tests, and none who could approve what they asked for. */
const [ASKER, APPROVER] = [PEOPLE.developer.id, SECOND_LEAD];

describe('a journal that somebody else has written in', () => {
  let databases: Databases;
  let arena: Arena;
  let before: number;
  beforeAll(async () => {
    databases = await openDatabases({ logStatements: false });
  });
  afterAll(() => databases?.stop());
  beforeEach(async () => {
    arena = await openArena(databases, 7);
    before = await flushes(arena);
  });
  afterEach(() => arena?.stop());

  const forge = (text: string, values: readonly unknown[] = []) => arena.database.query(text, values);
  /** As a superuser who switches off what the database itself refuses. */
  const forgeFreely = async (...statements: readonly (readonly [string, readonly unknown[]])[]) => {
    await forge(`set session_replication_role = replica`);
    for (const [text, values] of statements) await forge(text, values);
    await forge(`set session_replication_role = origin`);
  };
  const state = async (stepId: number): Promise<string> => {
    const [row] = await arena.database.query<{ state: string }>('select state from steps where id = $1', [
      stepId,
    ]);
    return row?.state ?? 'none';
  };
  const work = async (stepId: number): Promise<void> => {
    if ((await state(stepId)) === 'pending') await planStep(arena.b, stepId);
    await executeAction(arena.b, stepId);
  };

  /** Nothing was flushed, and everybody is told: in the thread, in the step, on /readyz. */
  async function refusedAndTold(asked: Asked): Promise<void> {
    expect(await flushes(arena)).toBe(before);
    expect(await state(asked.stepId)).toBe('failed');
    const story = await readIncidentStory(arena.a.journal.pool, asked.incidentId, 'all');
    expect(story?.events.map(({ text }) => text).join('\n')).toContain('tampered');
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toContain(`STEP-${asked.stepId}`);
    expect((await verifyAudit(arena.a.journal.pool, AUDIT_KEY, null)).good).toBe(true);
  }

  it('runs what was asked for and approved by two people, and nothing is said', async () => {
    const asked = await askedFlush(arena);
    expect((await decide(arena.a, asked, APPROVER)).ok).toBe(true);
    await work(asked.stepId);
    expect(await flushes(arena)).toBe(before + 1);
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toBeNull();
  });

  it('a decision that was only inserted approves nothing', async () => {
    const asked = await askedFlush(arena);
    await forge(
      `insert into decisions (request_id, person, verdict, authority, digest)
       select id, $2, 'approve', 'tech lead', digest from requests where id = $1`,
      [asked.requestId, APPROVER],
    );
    await forge(`update requests set state = 'approved', start_by = now() + interval '5 min' where id = $1`, [
      asked.requestId,
    ]);
    await forge('update steps set due_at = now() where id = $1', [asked.stepId]);
    await work(asked.stepId);
    await refusedAndTold(asked);
  });

  const CHANGES: readonly (readonly [string, string])[] = [
    ['the danger of the step', `update steps set danger = 'safe' where id = $1`],
    ['the state and danger of the step', `update steps set danger = 'safe', state = 'pending' where id = $1`],
    [
      'what the step does',
      `update steps set definition = jsonb_set(definition, '{settings,db}', '3') where id = $1`,
    ],
    ['who asked', `update requests set asked_by = '${PEOPLE.duty.id}' where step_id = $1`],
    ['on whose behalf', `update requests set asked_by = 'alert', origin = 'alert' where step_id = $1`],
    [
      'who asked for the run',
      `update runs set asked_by = 'alert' where id = (select run_id from steps where id = $1)`,
    ],
    ['the danger of the request', `update requests set danger = 'disruptive' where step_id = $1`],
    ['the digest', `update requests set digest = repeat('ab', 32) where step_id = $1`],
    ['the plan', `update requests set plan = jsonb_set(plan, '{settings,db}', '3') where step_id = $1`],
    ['the token', `update requests set token = 'forged' where step_id = $1`],
    [
      'its time to be decided',
      `update requests set decide_by = now() + interval '9 days' where step_id = $1`,
    ],
    [
      'its runbook',
      `update definitions set body = jsonb_set(body, '{title}', '"Other"') where hash =
        (select r.definition_hash from runs r join steps s on s.run_id = r.id where s.id = $1)`,
    ],
    [
      'which runbook it is of',
      `update runs set definition_hash = (select hash from definitions where hash <> runs.definition_hash limit 1)
        where id = (select run_id from steps where id = $1)`,
    ],
    [
      'the incident it belongs to',
      `update runs set incident_id = null where id = (select run_id from steps where id = $1)`,
    ],
  ];
  it.each(CHANGES)('a change of %s before the decision', async (_, change) => {
    // Another incident and another runbook to be changed for.
    const other = await askedFlush(arena);
    await forge(
      `insert into definitions (hash, id, body) values (repeat('0', 64), 'moalog/other', '{}') on conflict do nothing`,
    );
    const asked = await askedFlush(arena);
    await forgeFreely([change, [asked.stepId]]);
    const answer = await decide(arena.a, asked, APPROVER);
    await work(asked.stepId);
    expect(answer.ok).toBe(false);
    expect(await flushes(arena)).toBe(before);
    expect(await state(asked.stepId)).toBe('failed');
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toContain(`STEP-${asked.stepId}`);
    expect(await state(other.stepId)).toBe('waiting');
  });

  it.each(CHANGES)('a change of %s after the approval', async (_, change) => {
    await askedFlush(arena);
    await forge(
      `insert into definitions (hash, id, body) values (repeat('0', 64), 'moalog/other', '{}') on conflict do nothing`,
    );
    const asked = await askedFlush(arena);
    expect((await decide(arena.a, asked, APPROVER)).ok).toBe(true);
    await forgeFreely(
      [change, [asked.stepId]],
      ['update steps set due_at = now() where id = $1', [asked.stepId]],
    );
    await work(asked.stepId);
    expect(await flushes(arena)).toBe(before);
    expect(await state(asked.stepId)).toBe('failed');
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toContain(`STEP-${asked.stepId}`);
  });

  it('an approval is good for no other request: not by its decision, not by its entry, not by its token', async () => {
    const good = await askedFlush(arena);
    const asked = await askedFlush(arena);
    expect((await decide(arena.a, good, APPROVER)).ok).toBe(true);
    await forgeFreely(
      ['delete from decisions where request_id = $1', [asked.requestId]],
      ['update decisions set request_id = $2 where request_id = $1', [good.requestId, asked.requestId]],
      [
        `update requests set state = 'approved', start_by = now() + interval '5 min' where id = $1`,
        [asked.requestId],
      ],
      ['update steps set due_at = now() where id = $1', [asked.stepId]],
    );
    await work(asked.stepId);
    await refusedAndTold(asked);
  });

  it('two requests whose tokens were exchanged: a click on one doesn’t approve the other', async () => {
    const [one, other] = [await askedFlush(arena), await askedFlush(arena)];
    const tokens = await arena.database.query<{ id: number; token: string }>(
      'select id::float8 as id, token from requests where id in ($1, $2)',
      [one.requestId, other.requestId],
    );
    const token = (id: number) => tokens.find((row) => row.id === id)?.token ?? '';
    await forge(`update requests set token = 'between' where id = $1`, [one.requestId]);
    await forge('update requests set token = $2 where id = $1', [other.requestId, token(one.requestId)]);
    await forge('update requests set token = $2 where id = $1', [one.requestId, token(other.requestId)]);
    const answer = await decideRequest(arena.a, {
      by: { token: token(one.requestId) },
      person: APPROVER,
      verdict: 'approve',
      reason: null,
    });
    expect(answer).toMatchObject({ ok: false, refusal: { word: 'unknown request' } });
    await refusedAndTold(other);
  });

  it('entries that were copied in the audit log prove nothing, and the thread says so though the log is broken', async () => {
    const good = await askedFlush(arena);
    const asked = await askedFlush(arena);
    await decide(arena.a, good, APPROVER);
    await forge(
      `insert into audit_entries select (select max(seq) from audit_entries) + 1, at, kind, actor, $2, payload, previous, hash
       from audit_entries where kind = 'request.decided' and subject = $1`,
      [`STEP-${good.stepId}`, `STEP-${asked.stepId}`],
    );
    await forge(
      `insert into decisions (request_id, person, verdict, authority, digest)
       select id, $2, 'approve', 'tech lead', digest from requests where id = $1`,
      [asked.requestId, APPROVER],
    );
    await forge(`update requests set state = 'approved', start_by = now() + interval '5 min' where id = $1`, [
      asked.requestId,
    ]);
    await forge('update steps set due_at = now() where id = $1', [asked.stepId]);
    await work(asked.stepId);
    expect(await flushes(arena)).toBe(before);
    expect(await state(asked.stepId)).toBe('failed');
    const story = await readIncidentStory(arena.a.journal.pool, asked.incidentId, 'all');
    expect(story?.events.map(({ text }) => text).join('\n')).toContain('tampered');
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toContain('newest entry');
  });

  it('an approval that was used, or ran out, is not good once more', async () => {
    const asked = await askedFlush(arena);
    await decide(arena.a, asked, APPROVER);
    await work(asked.stepId);
    expect(await flushes(arena)).toBe(before + 1);
    await arena.target.mset('k:1', 'v', 'k:2', 'v');
    await forgeFreely(
      ['delete from executions where step_id = $1', [asked.stepId]],
      [`update steps set state = 'waiting', due_at = now() where id = $1`, [asked.stepId]],
    );
    await work(asked.stepId);
    expect(await flushes(arena)).toBe(before + 1);
    expect(await whyTampered(arena.a.journal.pool, AUDIT_KEY)).toContain(`STEP-${asked.stepId}`);
    const late = await askedFlush(arena);
    await decide(arena.a, late, APPROVER);
    await forge(`update requests set start_by = now() + interval '1 day' where id = $1`, [late.requestId]);
    await work(late.stepId);
    expect(await flushes(arena)).toBe(before + 1);
    expect(await state(late.stepId)).toBe('failed');
  });

  it('a run and a step that were only inserted run nothing, whatever danger they say', async () => {
    const asked = await askedFlush(arena);
    for (const danger of ['safe', 'disruptive', 'destructive']) {
      const [run] = await arena.database.query<{ id: number }>(
        `insert into runs (incident_id, kind, runbook_id, definition_hash, asked_by, title, origin, seal)
         select r.incident_id, 'operation', r.runbook_id, r.definition_hash, 'alert', 'Forged', 'alert', r.seal
         from runs r join steps s on s.run_id = r.id where s.id = $1 returning id::float8 as id`,
        [asked.stepId],
      );
      const [step] = await arena.database.query<{ id: number }>(
        `insert into steps (run_id, position, type, danger, definition, due_at, seal)
         select $2, 1, 'action', $3, definition, now(), seal from steps where id = $1 returning id::float8 as id`,
        [asked.stepId, run?.id, danger],
      );
      await work(step?.id ?? 0);
      await refusedAndTold({ ...asked, stepId: step?.id ?? 0 });
    }
  });

  it('a denial that was taken away stays one', async () => {
    const asked = await askedFlush(arena);
    await decide(arena.a, asked, APPROVER, 'deny');
    await forgeFreely(
      ['delete from decisions where request_id = $1', [asked.requestId]],
      [`update requests set state = 'open', ended_at = null where id = $1`, [asked.requestId]],
      [`update steps set state = 'waiting', ended_at = null where id = $1`, [asked.stepId]],
    );
    expect((await decide(arena.a, asked, APPROVER)).ok).toBe(false);
    await work(asked.stepId);
    await refusedAndTold(asked);
  });

  it('the one who asked can’t approve it by any of these', async () => {
    const asked = await askedFlush(arena);
    await forge(`update requests set asked_by = $2 where id = $1`, [asked.requestId, ASKER]);
    expect((await decide(arena.a, asked, ASKER)).ok).toBe(false);
  });
});
