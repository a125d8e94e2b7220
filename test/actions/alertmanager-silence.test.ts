import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAlertmanagerSilence } from '../../src/actions/alertmanager-silence/index.ts';
import { createSilence } from '../../src/clients/alertmanager.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import { waitFor } from '../servers/program.ts';
import { type AlertmanagerBench, startAlertmanagerBench } from './alertmanager-bench.ts';
import { startDeafLine } from './deaf-line.ts';
import { declared } from './declared.ts';
import { context, memoryUndo, planned, target } from './fixtures.ts';

const kind = createAlertmanagerSilence();
const none = async () => {};
const settings = {
  matchers: 'system="moalog", service=~"redis|mysql"',
  duration: '10m',
  comment: 'a rebuild',
};
let bench: AlertmanagerBench;
beforeAll(async () => {
  bench = await startAlertmanagerBench();
});
beforeEach(() => bench.fill());
afterAll(() => bench?.stop());

describe('a silence', () => {
  test('says what it hides now, makes it so, and is verified', async () => {
    const plan = planned(await kind.plan(bench.target(), settings, context()));
    expect(plan.scope).toEqual({
      kind: 'call',
      does: 'silence system="moalog", service=~"redis|mysql" for 10 min: "a rebuild"',
    });
    expect(plan.preview.join('\n')).toContain('now that is 1 alert: HighMemoryUsage');
    expect(await kind.verify?.(bench.target(), settings, plan, context())).toMatchObject({ good: false });
    const outcome = await kind.execute(bench.target(), settings, plan, none, context());
    expect(outcome).toMatchObject({ state: 'succeeded', items: [{ outcome: 'done' }] });
    expect(await bench.alerts()).toEqual([]);
    expect(await kind.verify?.(bench.target(), settings, plan, context())).toMatchObject({ good: true });
  });

  test('that is undone is ended, and an equal one that somebody else made stays', async () => {
    const [matchers, startsAt] = [
      [
        { label: 'system', op: '=', value: 'moalog' },
        { label: 'service', op: '=~', value: 'redis|mysql' },
      ] as const,
      new Date(),
    ];
    const endsAt = new Date(Date.now() + 60_000);
    const equal = { matchers, startsAt, endsAt, createdBy: 'pageturner', comment: 'a rebuild' };
    await createSilence(bench.url, equal, { signal: AbortSignal.timeout(10_000), timeoutMs: 5_000 });
    const plan = planned(await kind.plan(bench.target(), settings, context()));
    expect(plan.preview.join('\n')).toContain('there is such a silence already');
    const undo = memoryUndo();
    await kind.makeUndo?.(bench.target(), settings, plan, undo, context());
    await kind.execute(bench.target(), settings, plan, none, context());
    expect(await bench.silences()).toBe(2);
    const undone = await kind.restore?.(bench.target(), settings, undo.read(), context());
    expect(undone).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('1 silence ended') });
    expect(await bench.silences()).toBe(1);
    const again = await kind.restore?.(bench.target(), settings, undo.read(), context());
    expect(again).toMatchObject({
      state: 'succeeded',
      summary: expect.stringContaining('had ended already'),
    });
  });

  test('an undo that can not be carried out is told', async () => {
    const plan = planned(await kind.plan(bench.target(), settings, context()));
    const undo = memoryUndo();
    await kind.makeUndo?.(bench.target(), settings, plan, undo, context());
    const gone = { ...bench.target(), ...bench.gone };
    expect(await kind.restore?.(gone, settings, undo.read(), context())).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('connection refused'),
    });
  });

  test('whose answer is lost is of unknown outcome', async () => {
    const plan = planned(await kind.plan(bench.target(), settings, context()));
    const line = await startDeafLine(Number(new URL(bench.url).port));
    const alertmanagerUrl = `http://127.0.0.1:${line.port}`;
    const there = { ...bench.target(), declared: declared({ alertmanagerUrl }) };
    const moved = { ...plan, identity: { ...plan.identity, alertmanager: alertmanagerUrl } };
    const outcome = kind.execute(there, settings, moved, async () => line.deafen(), context());
    await expect(outcome).rejects.toThrow(OutcomeUnknown);
    await line.stop();
    await waitFor('the one silence to be there', 5_000, async () => (await bench.silences()) === 1);
  });

  test.each([
    { ...settings, matchers: 'service' },
    { ...settings, matchers: 'service=~".*"' },
    { ...settings, matchers: 'service!="redis"' },
    { ...settings, duration: '25h' },
    { ...settings, duration: '10' },
    { ...settings, comment: ' ' },
  ])('is not taken as a setting: %j', (wrong) => {
    expect(kind.settings.safeParse(wrong).success).toBe(false);
  });

  test('is refused without an Alertmanager, and in local mode', async () => {
    expect(await kind.plan(target(), settings, context())).toMatchObject({
      refused: expect.stringContaining('set ALERTMANAGER_URL'),
    });
    const local = { ...bench.target(), sandboxOnly: true };
    expect(await kind.plan(local, settings, context())).toMatchObject({
      refused: expect.stringContaining('local mode only changes the sandbox'),
    });
  });
});
