/** Races about one request: approvers, deniers, clocks, ends of the incident, workers. */

import { executeAction } from '../../../src/engine/changes/execute-action.ts';
import { delegate, revokeDelegations } from '../../../src/engine/core/delegate.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { receiveAlerts } from '../../../src/engine/intake/receive-alerts.ts';
import { choresOf } from '../../../src/engine/upkeep/chores.ts';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { type Arena, holdIncident, SECOND_LEAD } from './arena.ts';
import { askedFlush, decide, flushes, groupOf, incidentState, must, requestState, values } from './scenes.ts';

export async function twoApprovers(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  const answers = values(
    await arena.lineUp(holdIncident(asked.incidentId), [
      () => decide(arena.a, asked),
      () => decide(arena.b, asked, SECOND_LEAD),
    ]),
  );
  must(answers.filter((answer) => answer.ok).length === 1, `${JSON.stringify(answers)}: one of two must win`);
  must(
    answers.some((answer) => !answer.ok && answer.refusal.word === 'already decided'),
    'the other must be told that it was already decided',
  );
  const { state, decisions } = await requestState(arena, asked);
  must(state === 'approved' && decisions === 1, `${state} with ${decisions} decisions`);
}

export async function samePersonTwice(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  const answers = values(
    await arena.lineUp(holdIncident(asked.incidentId), [
      () => decide(arena.a, asked),
      () => decide(arena.b, asked),
      () => decide(arena.a, asked),
    ]),
  );
  must(answers.filter((answer) => answer.ok).length === 1, 'one of three clicks must count');
  const { state, decisions } = await requestState(arena, asked);
  must(state === 'approved' && decisions === 1, `${state} with ${decisions} decisions`);
}

export async function approveAgainstDeny(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  const [approved, denied] = values(
    await arena.lineUp(holdIncident(asked.incidentId), [
      () => decide(arena.a, asked),
      () => decide(arena.b, asked, SECOND_LEAD, 'deny'),
    ]),
  );
  must(approved?.ok !== denied?.ok, 'exactly one of the two must win');
  const { state, decisions } = await requestState(arena, asked);
  must(
    state === (approved?.ok ? 'approved' : 'denied') && decisions === 1,
    `${state}, ${decisions} decisions`,
  );
  const before = await flushes(arena);
  await executeAction(arena.a, asked.stepId);
  must(
    (await flushes(arena)) - before === (approved?.ok ? 1 : 0),
    'what was denied was carried out, or the reverse',
  );
}

/** One pass of a chore. */
async function once(engine: Engine, name: string): Promise<void> {
  const chore = choresOf(engine).find((one) => one.name === name);
  await chore?.run(engine.signal, () => undefined);
}

export async function approveAgainstExpiry(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  await arena.database.query(
    `update timers set due_at = now() where kind = 'request.decide' and subject = $1`,
    [asked.requestId],
  );
  const [approved] = await arena.lineUp<unknown>(holdIncident(asked.incidentId), [
    () => decide(arena.a, asked),
    () => once(arena.b, 'timers'),
  ]);
  const ok = approved?.status === 'fulfilled' && (approved.value as { ok: boolean }).ok;
  const { state } = await requestState(arena, asked);
  must(
    state === (ok ? 'approved' : 'expired'),
    `the click was ${ok ? 'taken' : 'refused'}, the request is ${state}`,
  );
}

export async function approveAgainstResolve(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  await arena.lineUp<unknown>(holdIncident(asked.incidentId), [
    () => decide(arena.a, asked),
    () => receiveAlerts(arena.b, groupOf(asked.name, { status: 'resolved' })),
  ]);
  const before = await flushes(arena);
  await Promise.all([executeAction(arena.a, asked.stepId), executeAction(arena.b, asked.stepId)]);
  must((await flushes(arena)) === before, 'a flush after the incident was resolved');
  must((await incidentState(arena, asked.incidentId)) === 'resolved', 'the incident must be resolved');
  const { state } = await requestState(arena, asked);
  must(state === 'expired', `the request is ${state}, it must be expired`);
}

export async function twoWorkersOneStep(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  must((await decide(arena.a, asked)).ok, 'the approval');
  const before = await flushes(arena);
  values(
    await arena.lineUp(holdIncident(asked.incidentId), [
      () => executeAction(arena.a, asked.stepId),
      () => executeAction(arena.b, asked.stepId),
      () => executeAction(arena.b, asked.stepId),
    ]),
  );
  must((await flushes(arena)) - before === 1, `${(await flushes(arena)) - before} flushes for one approval`);
  const rows = await arena.database.query<{ n: number }>(
    'select count(*)::int as n from executions where step_id = $1',
    [asked.stepId],
  );
  must(rows[0]?.n === 1, `${rows[0]?.n} executions`);
}

/** The click's moment counts: taken back before it, it is refused; after it, the execution goes on and the chain says so. */
export async function delegationRevoked(arena: Arena): Promise<void> {
  const asked = await askedFlush(arena);
  const omar = PEOPLE.onCall.id;
  const given = await delegate(arena.a, {
    givenBy: PEOPLE.lead.id,
    person: omar,
    ms: 3_600_000,
    system: null,
  });
  must(given === null, `the delegation: ${given}`);
  const before = await flushes(arena);
  const clickedFirst = arena.random.next() < 0.5;
  if (clickedFirst) {
    must((await decide(arena.a, asked, omar)).ok, 'the delegate’s approval');
    await revokeDelegations(arena.b, PEOPLE.lead.id, omar);
  } else {
    // The click is under way when the delegation is taken back.
    const [answer] = values(
      await arena.lineUp<{ ok: boolean } | string>(
        {
          text: `with over as (update delegations set revoked_at = now() where person = $2 and revoked_at is null returning 1)
            select 1 from incidents, (select count(*) from over) as n where id = $1 for update of incidents`,
          values: [asked.incidentId, omar],
        },
        [() => decide(arena.a, asked, omar)],
      ),
    );
    must(typeof answer === 'object' && !answer.ok, 'an approval by a delegation that was taken back before');
  }
  await executeAction(arena.b, asked.stepId);
  must((await flushes(arena)) - before === (clickedFirst ? 1 : 0), 'the click’s moment must count');
  if (!clickedFirst) return;
  const rows = await arena.database.query<{ kind: string; authority: string | null }>(
    `select kind, payload ->> 'authority' as authority from audit_entries
     where subject in ($1, $2) and kind in ('request.decided', 'delegation.revoked', 'execution.acting')
       and seq > (select coalesce(max(seq), 0) from audit_entries where kind = 'request.asked' and subject = $1)
     order by seq`,
    [`STEP-${asked.stepId}`, omar],
  );
  must(
    rows.map((row) => row.kind).join() === 'request.decided,delegation.revoked,execution.acting',
    `the chain says ${rows.map((row) => row.kind).join()}`,
  );
  must(rows[0]?.authority?.includes('delegation') === true, `the authority is "${rows[0]?.authority}"`);
}
