import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint, webhookBody } from '../../../src/local/sandbox/alert.ts';
import { type AlertLife, isDue, observe, sent } from '../../../src/local/sandbox/alert-life.ts';

const LABELS = { system: 'moalog', alertname: 'HighMemoryUsage', severity: 'warning', service: 'redis' };

describe('the webhook', () => {
  test('has the fingerprint and the group key that Alertmanager 0.25 gives to the same labels', () => {
    expect(fingerprint(LABELS)).toBe('8233b96e36fbce3f');
    expect(fingerprint({})).toBe('cbf29ce484222325');
    const alert = { labels: LABELS, summary: 's', description: 'd', startsAt: '2026-11-21T02:00:00Z' };
    expect(webhookBody({ ...alert, endsAt: null })).toMatchObject({
      status: 'firing',
      groupKey: '{}:{alertname="HighMemoryUsage", service="redis", severity="warning", system="moalog"}',
      alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z' }],
    });
    expect(webhookBody({ ...alert, endsAt: '2026-11-21T02:05:00Z' })).toMatchObject({
      status: 'resolved',
      alerts: [{ status: 'resolved', endsAt: '2026-11-21T02:05:00Z' }],
    });
  });
});

describe('an alert’s life', () => {
  const quiet: AlertLife = { state: 'quiet' };

  test('one reading below the bound does not end it, two do', () => {
    const begun = sent(observe(quiet, true, 0), true, 1, 30_000);
    const once = observe(begun, false, 1_000);
    expect(once.state).toBe('firing');
    expect(observe(observe(once, true, 2_000), false, 3_000).state).toBe('firing');
    expect(observe(once, false, 2_000)).toMatchObject({ state: 'ending', startsAt: 0, endsAt: 2_000 });
  });

  test('a reading that failed changes nothing', () => {
    const begun = observe(quiet, true, 0);
    expect(observe(begun, null, 1_000)).toBe(begun);
    expect(observe(quiet, null, 1_000)).toBe(quiet);
  });

  test('one that nobody heard of ends without a word', () => {
    const begun = observe(quiet, true, 0);
    expect(observe(observe(begun, false, 1), false, 2)).toEqual(quiet);
  });

  test('what was not taken is sent again soon, later each time, and at least every ten seconds', () => {
    let life = observe(quiet, true, 0);
    const waits: number[] = [];
    for (let now = 0; waits.length < 8; now++) {
      if (!isDue(life, now)) continue;
      life = sent(life, false, now, 30_000);
      waits.push(life.state === 'quiet' ? 0 : life.sendAt - now);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  test('whatever happens, the bot is told the end of everything whose beginning it took', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(true, false, null), fc.boolean())), (story) => {
        let life: AlertLife = quiet;
        let told = false;
        let now = 0;
        const step = (holds: boolean | null, accepted: boolean) => {
          now += 60_000;
          life = observe(life, holds, now);
          if (!isDue(life, now)) return;
          if (accepted) told = life.state === 'firing';
          life = sent(life, accepted, now, 30_000);
        };
        for (const [holds, accepted] of story) step(holds, accepted);
        for (let n = 0; n < 3; n++) step(false, true);
        expect([life.state, told]).toEqual(['quiet', false]);
      }),
    );
  });
});
