/** What holds for every probe, whatever its kind does. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ProbeContext, ProbeFinding, ProbeKind } from '../../src/domain/probe.ts';
import { runProbe } from '../../src/domain/run-probe.ts';
import type { ProbeStep } from '../../src/domain/runbook.ts';
import { TARGET } from '../probes/asking.ts';

const UP: ProbeFinding = { state: 'up', reason: null, facts: { value: 'noeviction', keys: 5 } };
const URL_WITH_SECRET = 'test://someone:p%40ss-word@127.0.0.1:1/?token=a1b2c3d4';

function run(
  probe: (context: ProbeContext) => Promise<ProbeFinding>,
  step: Partial<ProbeStep> = {},
  more: Partial<ProbeKind> & { url?: string | null; signal?: AbortSignal } = {},
) {
  const { url = URL_WITH_SECRET, signal = new AbortController().signal, ...rest } = more;
  const kind: ProbeKind = {
    name: 'test.kind',
    settings: z.strictObject({ key: z.string().optional() }),
    needs: { schemes: ['test', 'tests'] },
    facts: { value: { type: 'any' }, keys: { type: 'number' } },
    probe: (_target, _settings, context) => probe(context),
    ...rest,
  };
  const asked = { settings: {}, expect: null, timeoutMs: 200, title: null, ...step };
  return runProbe(kind, { ...TARGET, url }, asked, signal);
}

const never = () => new Promise<never>(() => undefined);

test('an answer has its latency', async () => {
  const result = await run(async () => UP);
  expect(result).toMatchObject({ ...UP });
  expect(result.latencyMs).toBeGreaterThanOrEqual(0);
});

test('a kind that ignores its signal, and never answers, is down at the timeout', async () => {
  expect(await run(never)).toMatchObject({ state: 'down', reason: 'timed out after 200 ms' });
});

test('the signal aborts at the timeout, and once the answer is in', async () => {
  const signals: AbortSignal[] = [];
  await run((context) => {
    signals.push(context.signal);
    return never();
  });
  await run(async (context) => {
    signals.push(context.signal);
    return UP;
  });
  expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
});

test('what fails after the timeout is of no interest to anyone', async () => {
  const result = await run(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  );
  expect(result.reason).toBe('timed out after 200 ms');
});

test('when the process stops, the answer is unknown at once', async () => {
  const stop = new AbortController();
  const running = run(never, { timeoutMs: 60_000 }, { signal: stop.signal });
  stop.abort();
  expect(await running).toMatchObject({ state: 'unknown', reason: 'stopped before it answered' });
  const late = await run(never, {}, { signal: AbortSignal.abort() });
  expect(late.state).toBe('unknown');
});

test.each([
  ['rejects', () => Promise.reject(new Error('out of ideas'))],
  [
    'throws at once',
    (): Promise<ProbeFinding> => {
      throw new Error('out of ideas');
    },
  ],
])('a kind that %s is unknown, with the reason', async (_, probe) => {
  expect(await run(probe)).toMatchObject({ state: 'unknown', reason: 'the probe failed: out of ideas' });
});

test('an answer that is not as expected is degraded, named by the key asked for', async () => {
  const result = await run(async () => UP, { expect: 'allkeys-lru', settings: { key: 'maxmemory-policy' } });
  expect(result).toMatchObject({
    state: 'degraded',
    reason: 'maxmemory-policy is noeviction, should be allkeys-lru',
    facts: UP.facts,
  });
});

test('what is down stays down whatever is expected', async () => {
  const result = await run(async () => ({ ...UP, state: 'down', reason: 'gone' }), { expect: 'x' });
  expect(result).toMatchObject({ state: 'down', reason: 'gone' });
});

test('wrong settings are unknown, and nothing is asked', async () => {
  const result = await run(never, { settings: { kee: 'x' } });
  expect(result).toMatchObject({ state: 'unknown', latencyMs: null });
  expect(result.reason).toMatch(/^the settings of test\.kind are wrong/u);
});

test('a target without what the kind needs is not configured', async () => {
  expect(await run(never, {}, { url: null })).toMatchObject({ reason: 'not configured', latencyMs: null });
  expect((await run(never, {}, { url: 'mysql://x' })).reason).toBe(
    'not configured: test.kind needs an address with test:// or tests://, it has mysql://',
  );
  expect((await run(never, {}, { needs: 'container' })).reason).toBe('not configured: no container');
  expect(await run(async () => UP, {}, { needs: 'nothing', url: null })).toMatchObject({ state: 'up' });
});

test('reasons are one line of 200 characters at most', async () => {
  const result = await run(async () => ({
    ...UP,
    state: 'down',
    reason: `a\nb\u001b[31m${'c'.repeat(400)}`,
  }));
  expect(result.reason).toHaveLength(200);
  expect(result.reason).toMatch(/^a bc+…$/u);
});

test('the address’s secrets are in nothing that is told', async () => {
  const told = 'p@ss-word p%40ss-word a1b2c3d4 test://other:hidden@host/';
  const result = await run(async () => ({
    state: 'down',
    reason: told,
    facts: { value: told },
    output: told,
  }));
  for (const secret of ['p@ss-word', 'p%40ss-word', 'a1b2c3d4', 'hidden@']) {
    expect(result.reason).not.toContain(secret);
  }
  expect(JSON.stringify(result)).not.toMatch(/p@ss-word|p%40ss-word|a1b2c3d4/u);
});
