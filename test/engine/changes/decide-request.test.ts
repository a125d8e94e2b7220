import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideRequest } from '../../../src/engine/changes/decide-request.ts';
import { executeAction } from '../../../src/engine/changes/execute-action.ts';
import { planStep } from '../../../src/engine/changes/plan-step.ts';
import { askOption } from '../../../src/engine/incidents/ask-option.ts';
import { GUEST, LEAD, ON_CALL, SECOND_LEAD } from '../stand/catalog.ts';
import { openStand, type Stand } from '../stand/open-stand.ts';

describe('a decision on a destructive step', () => {
  let stand: Stand;
  let n = 0;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());

  /** A request that waits, asked for by that person: its step. */
  async function asked(person = ON_CALL): Promise<number> {
    n += 1;
    const incidentId = await stand.fire('CacheFull', { service: 'cache', n: String(n) });
    await askOption(stand.engine, { incidentId, optionKey: 'wipe', person, askedKey: `decide-${n}` });
    const [step] = await stand.rows<{ id: number }>(
      `select s.id::int as id from steps s join runs r on r.id = s.run_id where r.incident_id = $1 and s.type = 'action'`,
      [incidentId],
    );
    await planStep(stand.engine, step?.id ?? 0);
    return step?.id ?? 0;
  }
  const decide = (
    stepId: number,
    person: string,
    verdict: 'approve' | 'deny' = 'approve',
    engine = stand.engine,
  ) =>
    decideRequest(engine, { by: { stepId }, person, verdict, reason: verdict === 'deny' ? 'not now' : null });
  const state = async (stepId: number) =>
    (await stand.rows<{ state: string }>('select state from requests where step_id = $1', [stepId]))[0]
      ?.state;

  it('by a tech lead wakes a worker, which carries it out once', async () => {
    const stepId = await asked();
    expect(await decide(stepId, LEAD)).toMatchObject({ ok: true });
    expect(stand.woken).toContain(stepId);
    await Promise.all([executeAction(stand.engine, stepId), executeAction(stand.other, stepId)]);
    expect(stand.target.done).toEqual(['fake.wipe']);
    expect(await stand.audit(`STEP-${stepId}`)).toEqual(
      expect.arrayContaining([
        'request.decided',
        'execution.claimed',
        'execution.acting',
        'execution.succeeded',
      ]),
    );
  });

  it.each([
    ['a guest', GUEST, 'not authorised'],
    ['somebody on call without the authority', ON_CALL, 'not authorised'],
  ])('by %s changes nothing', async (_, person, word) => {
    const stepId = await asked(SECOND_LEAD);
    expect(await decide(stepId, person)).toMatchObject({ ok: false, refusal: { word } });
    expect(await state(stepId)).toBe('open');
  });

  it('by whoever asked for it changes nothing', async () => {
    const stepId = await asked(LEAD);
    expect(await decide(stepId, LEAD)).toMatchObject({ ok: false, refusal: { word: 'your own request' } });
    expect(await state(stepId)).toBe('open');
  });

  it('a second time is refused, and the first one stands', async () => {
    const stepId = await asked();
    expect(await decide(stepId, LEAD, 'deny')).toMatchObject({ ok: true });
    expect(await decide(stepId, SECOND_LEAD)).toMatchObject({
      ok: false,
      refusal: { word: 'already decided' },
    });
    expect(await state(stepId)).toBe('denied');
  });

  it('by two people at the same moment counts once', async () => {
    const stepId = await asked();
    const answers = await Promise.all([
      decide(stepId, LEAD),
      decide(stepId, SECOND_LEAD, 'deny', stand.other),
    ]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(
      await stand.rows(
        'select 1 from decisions d join requests r on r.id = d.request_id where r.step_id = $1',
        [stepId],
      ),
    ).toHaveLength(1);
  });

  it('on a target that is another one by then does nothing, and a new plan takes its place', async () => {
    const stepId = await asked();
    await decide(stepId, LEAD);
    const before = stand.target.done.length;
    stand.target.identity = 'two';
    await executeAction(stand.engine, stepId);
    expect(stand.target.done).toHaveLength(before);
    expect(await state(stepId)).toBe('superseded');
    const [step] = await stand.rows<{ by: number | null }>(
      'select replaced_by::int as by from steps where id = $1',
      [stepId],
    );
    expect(step?.by).not.toBeNull();
  });
});
