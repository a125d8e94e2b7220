import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttpCall } from '../../src/actions/http-call/index.ts';
import { OUTPUT_MAX } from '../../src/domain/action.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import type { Call } from '../../src/domain/target.ts';
import { context, planned } from './fixtures.ts';
import { type HttpBench, PASSWORD, startHttpBench } from './http-bench.ts';

const kind = createHttpCall();
const none = async () => {};
const settings = { call: 'clean', with: { what: 'old ones', date: '2024-01-31' } };
let bench: HttpBench;
beforeAll(async () => {
  bench = await startHttpBench();
});
beforeEach(() => bench.fill());
afterAll(() => bench?.stop());

const refused = async (changes: Partial<Call>, values: Readonly<Record<string, string | number>>) => {
  const result = await kind.plan(bench.with(changes), { call: 'clean', with: values }, context());
  return 'refused' in result ? result.refused : `planned: ${JSON.stringify(result.scope)}`;
};
const run = async (changes: Partial<Call> = {}, chosen = settings, more = {}) => {
  const there = bench.with(changes);
  const plan = planned(await kind.plan(there, chosen, context()));
  return kind.execute(there, chosen, plan, none, context(more));
};

describe('the plan of a call', () => {
  test('shows the whole request, its headers by their names alone, and sends nothing', async () => {
    const plan = planned(await kind.plan(bench.target(), settings, context()));
    const does = plan.scope.kind === 'call' ? plan.scope.does : '';
    expect(does).toMatch(
      /^POST http:\/\/127\.0\.0\.1:\d+\/app\/things\/old%20ones\?date=2024-01-31 with X-Token and the body \{"why":"on 2024-01-31"\}$/u,
    );
    expect(JSON.stringify(plan)).not.toContain(PASSWORD);
    expect(bench.received).toEqual([]);
  });

  test.each([
    [{}, { what: 'a' }, /no value for \{date\}/u],
    [{}, { what: 'a', date: 'b', more: 'c' }, /no place \{more\}/u],
    [{}, { what: '..', date: 'b' }, /the value of what is "\.\.", which would change the path/u],
    [{}, { what: '', date: 'b' }, /the value of what is empty/u],
    [{}, { what: 'a\r\nb', date: 'b' }, /can't be seen/u],
    [{ url: null }, { what: 'a', date: 'b' }, /no address of app is known/u],
    [{ missing: ['APP_TOKEN'] }, { what: 'a', date: 'b' }, /set APP_TOKEN/u],
    [{ headers: { 'X-Token': 'a\nb' } }, { what: 'a', date: 'b' }, /the value of the header X-Token holds/u],
    [{ body: 'x'.repeat(2000) }, { what: 'a', date: 'b' }, /more than the 1400/u],
  ])('is refused: %j with %j', async (changes, values, says) => {
    expect(await refused(changes, values)).toMatch(says);
  });

  test('is refused in local mode, and for a call that is not declared', async () => {
    expect(await kind.plan({ ...bench.target(), sandboxOnly: true }, settings, context())).toMatchObject({
      refused: expect.stringContaining('local mode only changes the sandbox'),
    });
    expect(await kind.plan(bench.target(), { ...settings, call: 'claen' }, context())).toEqual({
      refused: 'there is no call "claen"; did you mean "clean"?',
    });
  });
});

describe('a call', () => {
  test('sends exactly that: values encoded in path and query, and as JSON in the body', async () => {
    const values = { what: 'a/b?c#d%2e', date: '"x", "admin": true &y=1' };
    expect(await run({}, { call: 'clean', with: values })).toMatchObject({ state: 'succeeded' });
    const [sent] = bench.received;
    expect(bench.received).toHaveLength(1);
    const url = new URL(sent?.url ?? '', 'http://x');
    expect(url.pathname).toBe('/app/things/a%2Fb%3Fc%23d%252e');
    expect([...url.searchParams]).toEqual([['date', values.date]]);
    expect(JSON.parse(sent?.body ?? '')).toEqual({ why: `on ${values.date}` });
    expect(sent?.headers['x-token']).toBe(PASSWORD);
    expect(sent?.headers['content-type']).toBe('application/json');
    expect(sent?.headers.authorization).toMatch(/^Basic /u);
    expect(sent?.headers['idempotency-key']).toBeUndefined();
  });

  test('a number stays a number in a body', async () => {
    const changes = { path: '/x', query: {}, body: { n: '{n}', all: ['{n}', 'n={n}'], on: '{on}' } };
    const chosen = { call: 'clean', with: { n: 5, on: true } };
    const there = bench.with(changes);
    await kind.execute(there, chosen, planned(await kind.plan(there, chosen, context())), none, context());
    expect(JSON.parse(bench.received[0]?.body ?? '')).toEqual({ n: 5, all: [5, 'n=5'], on: true });
  });

  test('has the same Idempotency-Key for the same call, and another for another, where the service takes one', async () => {
    const keyed = { idempotencyKey: true };
    await run(keyed);
    await run(keyed);
    await run(keyed, { call: 'clean', with: { what: 'old ones', date: '2024-02-01' } });
    const keys = bench.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/u);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('shows the answer: JSON in lines, a long one cut', async () => {
    expect(await run()).toMatchObject({ summary: 'clean answered HTTP 200', output: '{\n  "left": 0\n}' });
    bench.answer = (_, { send }) => send(200, `begin${'x'.repeat(6_000_000)}`);
    const outcome = await run();
    const output = outcome.state === 'superseded' ? '' : (outcome.output ?? '');
    expect(output.length).toBeLessThanOrEqual(OUTPUT_MAX);
    expect(output).toMatch(/^… cut: the answer's beginning/u);
  });

  test('fails with another status than the expected ones, and follows no redirect', async () => {
    bench.answer = (_, { send }) => send(409, '{"error":"already running"}');
    expect(await run()).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/HTTP 409, not 200: .*already running/u),
    });
    expect(await run({ expect: [200, 409] })).toMatchObject({ state: 'succeeded' });
    bench.answer = (_, { send }) => send(302, '', { location: '/app/elsewhere' });
    bench.received.length = 0;
    expect(await run()).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('HTTP 302 (a redirect, not followed)'),
    });
    expect(bench.received).toHaveLength(1);
  });

  test('whose answer is lost is of unknown outcome and not sent again; one that only reads has failed', async () => {
    bench.answer = (_, { hangUp }) => hangUp();
    await expect(run()).rejects.toThrow(OutcomeUnknown);
    expect(bench.received).toHaveLength(1);
    expect(await run({ method: 'GET', body: null })).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('no whole answer came'),
    });
    expect(bench.received).toHaveLength(2);
  });

  test('that is never answered is of unknown outcome when its time is up', async () => {
    bench.answer = () => undefined;
    const brief = { timeoutMs: 500, signal: AbortSignal.timeout(500) };
    await expect(run({}, settings, brief)).rejects.toThrow(OutcomeUnknown);
    expect(bench.received).toHaveLength(1);
  });

  test('to a service that went away while it was announced was never sent', async () => {
    const there = bench.target();
    const plan = planned(await kind.plan(there, settings, context()));
    const gone = { ...there, ...bench.gone };
    await expect(kind.execute(gone, settings, plan, none, context())).rejects.toThrow('connection refused');
    expect(bench.received).toEqual([]);
  });
});
