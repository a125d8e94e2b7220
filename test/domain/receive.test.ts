import { describe, expect, it } from 'vitest';
import { type AlertIn, type Known, type KnownAlert, receive } from '../../src/domain/receive.ts';

const alert = (fingerprint: string, status: AlertIn['status'] = 'firing'): AlertIn => ({
  fingerprint,
  status,
  labels: {},
  annotations: {},
  startsAt: '2026-01-10T03:00:00Z',
  endsAt: null,
  generatorUrl: '',
});
const known = (changes: Partial<KnownAlert> & { fingerprint: string }): KnownAlert => ({
  incidentId: 1,
  status: 'firing',
  startsAt: new Date(0),
  incidentState: 'firing',
  reopenable: false,
  ...changes,
});
const nothing: Known = { alerts: [], groupIncident: null, earlyEnds: [] };
const destinations = (alerts: readonly AlertIn[], with_: Partial<Known>) =>
  receive(alerts, { ...nothing, ...with_ }).firing.map(
    ({ alert: a, to }) => `${a.fingerprint} → ${to.kind === 'new' ? 'new' : `${to.kind} ${to.id}`}`,
  );

describe('which incident an alert belongs to', () => {
  it.each([
    ['an unknown alert opens one', [alert('a')], {}, ['a → new']],
    ['two unknown alerts of a group share it', [alert('a'), alert('b')], {}, ['a → new', 'b → new']],
    ['the same alert twice in a body counts once', [alert('a'), alert('a')], {}, ['a → new']],
    [
      'one that fires already stays where it is, whatever its group',
      [alert('a')],
      { alerts: [known({ fingerprint: 'a', incidentId: 7 })], groupIncident: 9 },
      ['a → incident 7'],
    ],
    ['a new one joins its group’s incident', [alert('b')], { groupIncident: 9 }, ['b → incident 9']],
    [
      'a new one joins a sibling’s',
      [alert('a'), alert('b')],
      { alerts: [known({ fingerprint: 'a', incidentId: 7 })] },
      ['a → incident 7', 'b → incident 7'],
    ],
    [
      'one that was resolved a moment ago is reopened',
      [alert('a')],
      {
        alerts: [
          known({
            fingerprint: 'a',
            incidentId: 7,
            status: 'resolved',
            incidentState: 'resolved',
            reopenable: true,
          }),
        ],
      },
      ['a → reopen 7'],
    ],
    [
      'one that was resolved long ago is new',
      [alert('a')],
      { alerts: [known({ fingerprint: 'a', incidentId: 7, status: 'resolved', incidentState: 'resolved' })] },
      ['a → new'],
    ],
  ] as const)('%s', (_, alerts, with_, expected) => {
    expect(destinations(alerts, with_)).toEqual(expected);
  });

  it('an end goes where its beginning is; one without a beginning is remembered', () => {
    const reception = receive([alert('a', 'resolved'), alert('b', 'resolved')], {
      ...nothing,
      alerts: [known({ fingerprint: 'a', incidentId: 7 })],
    });
    expect(reception.ended.map((end) => end.incidentId)).toEqual([7]);
    expect(reception.early.map((end) => end.fingerprint)).toEqual(['b']);
  });

  it('an end that comes after the alert has begun to fire anew ends nothing', () => {
    const late = { ...alert('a', 'resolved'), endsAt: '2026-01-10T03:10:00Z' };
    const firesAnew = known({ fingerprint: 'a', startsAt: new Date('2026-01-10T03:11:00Z') });
    const reception = receive([late], { ...nothing, alerts: [firesAnew] });
    expect(reception).toMatchObject({ ended: [], early: [] });
  });

  it('the end of a second life is remembered when it comes before its beginning; a repeated end is not', () => {
    const over = known({
      fingerprint: 'a',
      status: 'resolved',
      incidentState: 'resolved',
      startsAt: new Date('2026-01-10T03:00:00Z'),
    });
    const repeated = alert('a', 'resolved');
    const second = { ...repeated, startsAt: '2026-01-10T04:00:00Z', endsAt: '2026-01-10T04:10:00Z' };
    expect(receive([repeated], { ...nothing, alerts: [over] }).early).toEqual([]);
    expect(receive([second], { ...nothing, alerts: [over] }).early).toEqual([second]);
  });
});
