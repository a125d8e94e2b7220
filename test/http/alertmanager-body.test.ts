import { describe, expect, it } from 'vitest';
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
    [
      'a label that is a number',
      { ...good, alerts: [alert, { ...alert, labels: { a: 1 } }] },
      /^alerts\[1\]\.labels\.a/,
    ],
    [
      'a time that is none',
      { ...good, alerts: [{ ...alert, startsAt: 'yesterday' }] },
      /^alerts\[0\]\.startsAt/,
    ],
    ['no fingerprint', { ...good, alerts: [{ ...alert, fingerprint: '' }] }, /^alerts\[0\]\.fingerprint/],
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
    expect(value.startsWith('abx')).toBe(true);
    expect(value.length).toBe(4096);
  });
});
