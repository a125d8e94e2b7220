import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertGroup } from '../../src/domain/receive.ts';
import { parseAlertmanagerBody } from '../../src/http/alertmanager-body.ts';

const alert = {
  status: 'firing',
  labels: { alertname: 'A' },
  annotations: {},
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: '',
  fingerprint: 'f1',
};
const good = {
  version: '4',
  groupKey: 'g',
  status: 'firing',
  receiver: 'r',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: '',
  truncatedAlerts: 0,
  alerts: [alert],
};
const problem = (body: unknown): string => {
  const parsed = parseAlertmanagerBody(typeof body === 'string' ? body : JSON.stringify(body));
  return 'problem' in parsed ? parsed.problem : 'none';
};
const taken = (body: unknown): AlertGroup => {
  const parsed = parseAlertmanagerBody(typeof body === 'string' ? body : JSON.stringify(body));
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.group;
};
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\ud83d', 'a\u0000b', 'x'.repeat(9000), '__proto__', ''),
);
const anything = fc.oneof(anyText, fc.jsonValue(), fc.constant(null), fc.integer(), fc.double());
const anyMap = fc.oneof(fc.dictionary(anyText, anything, { maxKeys: 4 }), anything);
const anyTime = fc.oneof(
  fc.constantFrom('+275760-09-13T00:00:00Z', '0001-01-01T00:00:00Z', '2026-11-27 11:00:00.5 +0000 UTC'),
  anything,
);
const anyAlert = fc.oneof(
  fc.record(
    {
      status: fc.oneof(fc.constantFrom('firing', 'resolved'), anything),
      labels: fc.oneof(fc.dictionary(anyText, anything, { maxKeys: 4 }), anyMap),
      annotations: anyMap,
      startsAt: anyTime,
      endsAt: anyTime,
      generatorURL: anything,
      fingerprint: fc.oneof(anyText, anything),
      values: anyMap,
    },
    { requiredKeys: [] },
  ),
  anything,
);
const anyBody = fc.record(
  {
    version: fc.oneof(fc.constantFrom('4', '1'), anything),
    groupKey: fc.oneof(anyText, anything),
    truncatedAlerts: fc.oneof(fc.integer(), fc.double(), anything),
    groupLabels: anyMap,
    commonLabels: anyMap,
    commonAnnotations: anyMap,
    externalURL: anything,
    status: anything,
    alerts: fc.oneof(fc.array(anyAlert, { maxLength: 4 }), anything),
  },
  { requiredKeys: [] },
);

const CASES = fileURLToPath(new URL('./cases/', import.meta.url));

describe('Alertmanager’s webhook body', () => {
  it('is read as Alertmanager sends it, with unknown fields let through', () => {
    expect(problem({ ...good, notificationReason: 'new' })).toBe('none');
  });
  it.each([
    ['cut off', JSON.stringify(good).slice(0, 40), /position 40/],
    ['not JSON', '{"version": oops}', /position 12/],
    ['empty', '', /empty/],
    ['an array', '[]', /the body/],
    ['another version', { ...good, version: '3' }, /^version/],
    ['no alerts', { ...good, alerts: [] }, /^alerts/],
    ['alerts without labels', { ...good, alerts: [{ status: 'firing' }] }, /^alerts\[0\]\.labels/],
    ['nested 10,000 deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, /the body/],
  ])('names the place when it is %s', (_, body, expected) => {
    expect(problem(body)).toMatch(expected);
  });
  it('takes no prototype from a body', () => {
    const parsed = parseAlertmanagerBody(
      JSON.stringify(good).replace('"alertname":"A"', '"alertname":"A","__proto__":{"polluted":"yes"}'),
    );
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(
      'problem' in parsed || Object.getPrototypeOf(parsed.group.alerts[0]?.labels) === Object.prototype,
    ).toBe(true);
  });
  it('strips what can’t be seen and cuts what is endless', () => {
    const parsed = parseAlertmanagerBody(
      JSON.stringify({
        ...good,
        alerts: [{ ...alert, labels: { alertname: `a\u202e\u0000b${'x'.repeat(70_000)}` } }],
      }),
    );
    const value = 'group' in parsed ? (parsed.group.alerts[0]?.labels.alertname ?? '') : '';
    expect(value.startsWith('a\ufffdbx')).toBe(true);
    expect(value.length).toBe(4096);
  });
});

describe('a body that is not quite as it should be', () => {
  it.each(readdirSync(CASES))('is taken: %s', (file) => {
    expect(taken(readFileSync(`${CASES}${file}`, 'utf8')).alerts.length).toBeGreaterThan(0);
  });

  // Alertmanager's own, as its API shows them for these labels.
  it.each([
    [{ alertname: 'Watchdog' }, '003b0a0f7d3fa569'],
    [{ alertname: 'A', severity: 'critical', service: 'ünï €' }, '4d029c4b15804e8f'],
  ])('has the fingerprint that Alertmanager makes of the labels', (labels, fingerprint) => {
    const [first] = taken({ ...good, alerts: [{ ...alert, labels, fingerprint: undefined }] }).alerts;
    expect(first?.fingerprint).toBe(fingerprint);
  });

  it.each([
    ['a label that is a number', { labels: { alertname: 'A', shard: 7 } }, 'labels.shard', '7'],
    ['half a surrogate', { labels: { alertname: 'A', a: 'x\ud83d' } }, 'labels.a', 'x\ufffd'],
    ['a NUL', { labels: { alertname: 'A', a: 'x\u0000' } }, 'labels.a', 'x\ufffd'],
  ])('is repaired, which is said: %s', (_, changes, place, value) => {
    const [first] = taken({ ...good, alerts: [{ ...alert, ...changes }] }).alerts;
    expect(first?.repairs?.join()).toContain(place);
    expect(Object.values(first?.labels ?? {})).toContain(value);
  });

  it('keeps times and counts within what the journal holds', () => {
    const group = taken({
      ...good,
      truncatedAlerts: 1e12,
      alerts: [{ ...alert, startsAt: '+275760-09-13T00:00:00.000Z' }],
    });
    expect(group.truncated).toBe(2_147_483_647);
    expect(group.alerts[0]?.startsAt).toBe('9999-12-31T23:59:59.000Z');
    expect([...(group.repairs ?? []), ...(group.alerts[0]?.repairs ?? [])]).toHaveLength(2);
  });

  it('hashes a group key that no index holds, the same one each time', () => {
    const groupKey = 'k'.repeat(9000);
    const key = taken({ ...good, groupKey }).groupKey;
    expect(key.length).toBeLessThan(300);
    expect(taken({ ...good, groupKey }).groupKey).toBe(key);
    expect(taken({ ...good, groupKey: `${groupKey}l` }).groupKey).not.toBe(key);
  });

  it('leaves out the alert that is none, and says so, when others can be read', () => {
    const parsed = parseAlertmanagerBody(JSON.stringify({ ...good, alerts: [alert, 'oops'] }));
    expect(parsed).toMatchObject({ lost: expect.stringContaining('alerts[1]') as string });
    expect('group' in parsed && parsed.group.alerts).toHaveLength(1);
  });

  it('keeps two alerts apart that came with one fingerprint', () => {
    const other = { ...alert, labels: { alertname: 'B' } };
    expect(
      new Set(taken({ ...good, alerts: [alert, other, alert] }).alerts.map((a) => a.fingerprint)).size,
    ).toBe(2);
  });

  it('is anything at all: it is taken as what the journal can hold, or refused with a place', () => {
    const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`bodies: FUZZ_SEED=${seed}\n`);
    fc.assert(
      fc.property(anyBody, (body) => {
        const parsed = parseAlertmanagerBody(JSON.stringify(body));
        if ('problem' in parsed) return parsed.problem.length > 0;
        const written = JSON.stringify(parsed.group);
        expect(written).not.toMatch(/\\u0000|\\ud[89a-f]/iu);
        expect(Buffer.byteLength(parsed.group.groupKey)).toBeLessThan(2000);
        for (const { startsAt, endsAt, fingerprint } of parsed.group.alerts) {
          expect(`${startsAt}${endsAt ?? ''}`).toMatch(/^(?:\d{4}-[\d-]+T[\d:.]+Z){1,2}$/u);
          expect(Buffer.byteLength(fingerprint)).toBeLessThan(2000);
        }
        return true;
      }),
      { numRuns: 1500, seed },
    );
  });
});
