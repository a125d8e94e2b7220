import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOX_KEYS } from '../../src/domain/change-rules.ts';
import { DUTY_OFFICER, TECH_LEAD } from '../../src/domain/decide.ts';
import { type Journal, openJournal } from '../../src/journal/open-journal.ts';
import { testDatabase } from '../servers/postgres.ts';

describe('the database refuses by itself', () => {
  let journal: Journal;
  beforeAll(async () => {
    journal = await openJournal({ url: (await testDatabase()).url, onError: () => undefined });
    await journal.pool.query(`insert into definitions (hash, id, body) values ('h', 'moalog/x', '{}')`);
    await journal.pool.query(
      `insert into incidents (id, alertname, severity, state, group_key) values (1, 'A', 'warning', 'firing', 'g')`,
    );
    await journal.pool.query(
      `insert into runs (id, incident_id, kind, runbook_id, definition_hash, asked_by, title) values (1, 1, 'recovery', 'moalog/x', 'h', 'UASKER', 't')`,
    );
  });
  afterAll(() => journal.close());

  let next = 100;
  /** A destructive step that waits, with a request in the given state. */
  async function waiting(
    options: { state?: string; quorum?: number; startBy?: string; decideBy?: string } = {},
  ): Promise<number> {
    const id = next++;
    await journal.pool.query(
      `insert into steps (id, run_id, position, type, danger, definition, state) values ($1::bigint, 1, $1::bigint, 'action', 'destructive', '{}', 'waiting')`,
      [id],
    );
    await journal.pool.query(
      `insert into requests (id, token, step_id, state, plan, digest, danger, quorum, asked_by, decide_by, start_by)
       values ($1::bigint, $2, $1::bigint, $3, '{}', 'digest', 'destructive', $4, 'UASKER', now() + $5::interval, now() + $6::interval)`,
      [
        id,
        `token-${id}`,
        options.state ?? 'open',
        options.quorum ?? 1,
        options.decideBy ?? '15 min',
        options.startBy ?? '10 min',
      ],
    );
    return id;
  }
  const decide = (id: number, person: string, digest = 'digest') =>
    journal.pool.query(
      `insert into decisions (request_id, person, verdict, authority, digest) values ($1, $2, 'approve', 'tech lead', $3)`,
      [id, person, digest],
    );
  const approve = (id: number) =>
    journal.pool.query(`update requests set state = 'approved' where id = $1`, [id]);
  const execute = (id: number, digest = 'digest') =>
    journal.pool.query(
      `insert into executions (id, step_id, request_id, digest, claimed_by) values ($1::bigint, $1::bigint, $1::bigint, $2, 'worker')`,
      [id, digest],
    );

  it('an execution of a request that is not approved', async () => {
    const id = await waiting();
    await decide(id, 'ULEAD');
    await expect(execute(id)).rejects.toThrow(/not approved/);
  });
  it('an execution without any request', async () => {
    const id = await waiting();
    await expect(
      journal.pool.query(`insert into executions (step_id, digest, claimed_by) values ($1, 'digest', 'w')`, [
        id,
      ]),
    ).rejects.toThrow(/has no request/);
  });
  it('an execution whose approval was never decided', async () => {
    const id = await waiting();
    await approve(id);
    await expect(execute(id)).rejects.toThrow(/0 of 1 approvals/);
  });
  it('an execution of another plan', async () => {
    const id = await waiting();
    await decide(id, 'ULEAD');
    await approve(id);
    await expect(execute(id, 'another digest')).rejects.toThrow(/another plan/);
  });
  it('an execution after its deadline', async () => {
    const id = await waiting({ startBy: '-1 second' });
    await decide(id, 'ULEAD');
    await approve(id);
    await expect(execute(id)).rejects.toThrow(/too old/);
  });
  it('an execution with one of two approvals', async () => {
    const id = await waiting({ quorum: 2 });
    await decide(id, 'ULEAD');
    await approve(id);
    await expect(execute(id)).rejects.toThrow(/1 of 2 approvals/);
  });
  it('two approvals by one person', async () => {
    const id = await waiting({ quorum: 2 });
    await decide(id, 'ULEAD');
    await expect(decide(id, 'ULEAD')).rejects.toThrow(/decisions_pkey/);
  });
  it('an approval by whoever asked', async () => {
    await expect(decide(await waiting(), 'UASKER')).rejects.toThrow(/same person/);
  });
  it('a decision after the request has expired', async () => {
    await expect(decide(await waiting({ decideBy: '-1 second' }), 'ULEAD')).rejects.toThrow(/not open/);
  });
  it('a decision on a request that was denied', async () => {
    await expect(decide(await waiting({ state: 'denied' }), 'ULEAD')).rejects.toThrow(/not open/);
  });
  it('a decision on another plan', async () => {
    await expect(decide(await waiting(), 'ULEAD', 'another')).rejects.toThrow(/another plan/);
  });
  describe('a change to production outside incidents', () => {
    beforeAll(() =>
      journal.pool.query(
        `insert into runs (id, kind, runbook_id, definition_hash, asked_by, title) values (2, 'operation', 'moalog/x', 'h', 'UASKER', 't')`,
      ),
    );
    async function approved(authority: string, ticked: readonly string[]): Promise<number> {
      const id = await waiting();
      await journal.pool.query('update steps set run_id = 2 where id = $1', [id]);
      await journal.pool.query(`update requests set plan = '{"environment":"prod"}' where id = $1`, [id]);
      for (const box of ticked)
        await journal.pool.query(
          `insert into ticks (surface, subject, item, person) values ('request', $1, $2, 'U1')`,
          [id, box],
        );
      await journal.pool.query(
        `insert into decisions (request_id, person, verdict, authority, digest) values ($1, 'U2', 'approve', $2, 'digest')`,
        [id, authority],
      );
      await approve(id);
      return id;
    }
    it('with a box open', async () => {
      const id = await approved(TECH_LEAD, ['staging', 'monitored']);
      await expect(execute(id)).rejects.toThrow(/open boxes: rollback/);
    });
    it('without the tech lead among those who approved', async () => {
      const id = await approved('on call, by delegation of ULEAD', BOX_KEYS);
      await expect(execute(id)).rejects.toThrow(/no approval of the tech lead/);
    });
    it.each([TECH_LEAD, DUTY_OFFICER])(
      'but not with all boxes ticked and the approval of the %s',
      async (who) => {
        await execute(await approved(who, BOX_KEYS));
      },
    );
  });
  it('a second execution of one approval, and takes the first', async () => {
    const id = await waiting();
    await decide(id, 'ULEAD');
    await approve(id);
    await execute(id);
    await expect(execute(id)).rejects.toThrow(/duplicate key/);
  });
  it('a step that runs without a claimed execution', async () => {
    const id = await waiting();
    await expect(
      journal.pool.query(`update steps set state = 'running' where id = $1`, [id]),
    ).rejects.toThrow(/no claimed execution/);
  });
  it.each([
    ['steps', 'state', 'succeeded', 'running'],
    ['requests', 'state', 'denied', 'approved'],
    ['requests', 'state', 'expired', 'approved'],
    ['requests', 'state', 'superseded', 'open'],
  ])('%s going by its %s from %s to %s', async (table, column, from, to) => {
    const id = await waiting(table === 'requests' ? { state: from } : {});
    if (table === 'steps')
      await journal.pool.query(
        `insert into steps (id, run_id, position, type, definition, state) values ($1, 1, 1, 'probe', '{}', $2)`,
        [id + 10_000, from],
      );
    const target = table === 'steps' ? id + 10_000 : id;
    await expect(
      journal.pool.query(`update ${table} set ${column} = $2 where id = $1`, [target, to]),
    ).rejects.toThrow(/can't go from/);
  });
  it('a delegation to oneself', async () => {
    await expect(
      journal.pool.query(
        `insert into delegations (person, given_by, ends_at) values ('U1', 'U1', now() + interval '1 h')`,
      ),
    ).rejects.toThrow(/check/);
  });
  it('one alert firing in two incidents', async () => {
    await journal.pool.query(
      `insert into incidents (id, alertname, severity, state, group_key) values (2, 'A', 'warning', 'firing', 'g2')`,
    );
    const alert = (incident: number) =>
      journal.pool.query(
        `insert into alerts (incident_id, fingerprint, status, labels, annotations, starts_at) values ($1, 'f', 'firing', '{}', '{}', now())`,
        [incident],
      );
    await alert(1);
    await expect(alert(2)).rejects.toThrow(/alerts_firing_once/);
  });
});
