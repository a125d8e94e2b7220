import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimExecution } from '../../../src/engine/changes/claim-execution.ts';
import { decideRequest } from '../../../src/engine/changes/decide-request.ts';
import { planStep } from '../../../src/engine/changes/plan-step.ts';
import { askOption } from '../../../src/engine/incidents/ask-option.ts';
import { choresOf } from '../../../src/engine/upkeep/chores.ts';
import { type Chore, keepChores } from '../../../src/engine/upkeep/keep-chore.ts';
import { waitFor } from '../../servers/program.ts';
import { LEAD, ON_CALL } from '../stand/catalog.ts';
import { openStand, type Stand } from '../stand/open-stand.ts';

describe('the reconciler', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());

  /** Does all chores, with other passes for some, until `done` answers. */
  async function keeping<T>(
    passes: Readonly<Record<string, Chore['run']>>,
    done: () => Promise<T | null | false>,
  ): Promise<T> {
    const stop = new AbortController();
    const chores = choresOf(stand.engine).map((chore) => ({
      ...chore,
      everyMs: 20,
      run: passes[chore.name] ?? chore.run,
    }));
    const kept = keepChores(chores, { signal: stop.signal, log: stand.engine.log, count: () => undefined });
    try {
      return await waitFor('what is due to be done', 60_000, done);
    } finally {
      stop.abort();
      void kept;
    }
  }
  const stateOf = async (table: string, column: string, id: number, what = 'state') =>
    (
      await stand.rows<{ state: string }>(`select ${what} as state from ${table} where ${column} = $1`, [id])
    )[0]?.state;

  /** A request that waits for a decision. */
  async function asked(n: number): Promise<{ readonly stepId: number; readonly requestId: number }> {
    const incidentId = await stand.fire('CacheFull', { service: 'cache', n: String(n) });
    await askOption(stand.engine, { incidentId, optionKey: 'wipe', person: ON_CALL, askedKey: `ask-${n}` });
    const [step] = await stand.rows<{ id: number }>(
      `select s.id::int as id from steps s join runs r on r.id = s.run_id
       where r.incident_id = $1 and s.type = 'action'`,
      [incidentId],
    );
    const stepId = step?.id ?? 0;
    await planStep(stand.engine, stepId);
    const [request] = await stand.rows<{ id: number }>(
      'select id::int as id from requests where step_id = $1',
      [stepId],
    );
    return { stepId, requestId: request?.id ?? 0 };
  }

  /** A worker claimed it and died. */
  async function lost(n: number): Promise<number> {
    const { stepId } = await asked(n);
    await decideRequest(stand.engine, { by: { stepId }, person: LEAD, verdict: 'approve', reason: null });
    expect(await claimExecution(stand.other, stepId)).not.toBeNull();
    await stand.rows(`update steps set lease_until = now() - interval '1 second' where id = $1`, [stepId]);
    return stepId;
  }
  const overdue = async ({ requestId }: { readonly requestId: number }) =>
    stand.rows(`update timers set due_at = now() where kind = 'request.decide' and subject = $1`, [
      requestId,
    ]);

  it('interrupts what a dead worker left, though every other chore fails or hangs', async () => {
    const stepId = await lost(1);
    const names = choresOf(stand.engine).map(({ name }) => name);
    const bad = Object.fromEntries(
      names
        .filter((name) => name !== 'lost-executions')
        .map((name, i): [string, Chore['run']] => [
          name,
          i % 2 === 0 ? () => Promise.reject(new Error('always')) : () => new Promise(() => undefined),
        ]),
    );
    await keeping(bad, async () => (await stateOf('steps', 'id', stepId)) === 'interrupted');
    expect(await stand.audit(`STEP-${stepId}`)).toContain('execution.interrupted');
  });

  it('lets timers run out, though every other chore hangs', async () => {
    const one = await asked(2);
    await overdue(one);
    const names = choresOf(stand.engine).map(({ name }) => name);
    const stuck = Object.fromEntries(
      names
        .filter((name) => name !== 'timers')
        .map((name) => [name, () => new Promise<void>(() => undefined)]),
    );
    await keeping(stuck, async () => (await stateOf('requests', 'id', one.requestId)) === 'expired');
  });

  it('lets the other timers run out while the row of one is locked, and one can’t be dealt with', async () => {
    const [held, broken, good] = [await asked(3), await asked(4), await asked(5)];
    const holder = new pg.Client(stand.superuserUrl);
    await holder.connect();
    await holder.query(`create function refuse() returns trigger language plpgsql as
      $$ begin if old.id = ${broken.requestId} then raise exception 'no'; end if; return new; end $$`);
    await holder.query(
      'create trigger refuse before update on requests for each row execute function refuse()',
    );
    await holder.query('begin');
    await holder.query('select 1 from requests where id = $1 for update', [held.requestId]);
    try {
      for (const one of [held, broken, good]) await overdue(one);
      await keeping({}, async () => (await stateOf('requests', 'id', good.requestId)) === 'expired');
      expect(await stateOf('requests', 'id', held.requestId)).toBe('open');
    } finally {
      await holder.query('rollback');
      await holder.end();
    }
    await keeping({}, async () => (await stateOf('requests', 'id', held.requestId)) === 'expired');
  });

  it('raises a step that the queue has lost, while the queue itself fails for others', async () => {
    const incidentId = await stand.fire('CacheFull', { service: 'cache', n: '6' });
    await stand.rows(`update steps set woken_at = now() - interval '1 minute' where state = 'pending'`);
    stand.woken.length = 0;
    await keeping({ 'overdue-health': () => Promise.reject(new Error('the queue is away')) }, async () => {
      const due = await stand.rows<{ id: number }>(
        `select s.id::int as id from steps s join runs r on r.id = s.run_id where r.incident_id = $1`,
        [incidentId],
      );
      return due.length > 0 && due.every(({ id }) => stand.woken.includes(id));
    });
  });
});
