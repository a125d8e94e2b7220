import { describe, expect, it } from 'vitest';
import { BOX_KEYS, type Calendar } from '../../src/domain/change-rules.ts';
import {
  type DelegationView,
  DUTY_OFFICER,
  judge,
  type PersonView,
  type RequestView,
  TECH_LEAD,
} from '../../src/domain/decide.ts';

const NOW = new Date('2026-01-10T03:00:00Z');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const request: RequestView = {
  state: 'open',
  danger: 'destructive',
  quorum: 1,
  askedBy: 'UASKER',
  decideBy: later(60_000),
  startBy: null,
  system: 'moalog',
  environment: 'test',
  planned: false,
  incidentOpen: true,
  decisions: [],
  approvers: [],
  ticked: [],
};
const person = (changes: Partial<PersonView>): PersonView => ({
  id: 'ULEAD',
  kind: 'member',
  roles: ['tech-lead'],
  delegations: [],
  ...changes,
});
const delegation: DelegationView = {
  person: 'UONCALL',
  givenBy: 'ULEAD',
  system: null,
  startsAt: later(-1000),
  endsAt: later(1000),
  revokedAt: null,
};
const calendar: Calendar = {
  windows: [{ every: 'saturday', from: 2 * 3_600_000, to: 6 * 3_600_000, zone: 'UTC' }],
  freezes: [{ from: later(-1000), to: later(3_600_000), reason: 'a launch', systems: ['frozen'] }],
};
const prod = { environment: 'prod', planned: true } as const;
const shared = { approvers: ['duty-officer'] } as const;
const duty = { id: 'UDUTY', roles: ['duty-officer'] } as const;
const word = (
  r: Partial<RequestView>,
  p: Partial<PersonView>,
  verdict: 'approve' | 'deny' = 'approve',
): string => {
  const judged = judge({ ...request, ...r }, person(p), verdict, NOW, calendar);
  return judged.allowed ? `allowed: ${judged.authority}` : judged.refusal.word;
};

describe('who may decide', () => {
  it.each([
    ['the tech lead', {}, {}, 'allowed: tech lead'],
    ['someone without a role', {}, { roles: [] }, 'not authorised'],
    ['someone on call without a delegation', {}, { id: 'UONCALL', roles: ['on-call'] }, 'not authorised'],
    [
      'someone on call with a live delegation',
      {},
      { id: 'UONCALL', roles: ['on-call'], delegations: [delegation] },
      'allowed: on call, by delegation of ULEAD',
    ],
    [
      'a delegation that ends now',
      {},
      { id: 'UONCALL', roles: ['on-call'], delegations: [{ ...delegation, endsAt: NOW }] },
      'not authorised',
    ],
    [
      'a revoked delegation',
      {},
      { id: 'UONCALL', roles: ['on-call'], delegations: [{ ...delegation, revokedAt: later(-1) }] },
      'not authorised',
    ],
    [
      'a delegation made by oneself',
      {},
      { id: 'UONCALL', roles: ['on-call'], delegations: [{ ...delegation, givenBy: 'UONCALL' }] },
      'not authorised',
    ],
    [
      'a delegation for another system',
      {},
      { id: 'UONCALL', roles: ['on-call'], delegations: [{ ...delegation, system: 'mari' }] },
      'not authorised',
    ],
    [
      'a delegation without being on call',
      {},
      { id: 'UONCALL', roles: [], delegations: [delegation] },
      'not authorised',
    ],
    ['the duty officer, for a system that is not shared', {}, { roles: ['duty-officer'] }, 'not authorised'],
    ['a guest, whatever the role', {}, { kind: 'guest' }, 'not authorised'],
    ['a bot', {}, { kind: 'bot' }, 'not authorised'],
    ['someone Slack can’t name', {}, { kind: 'unknown' }, 'not authorised'],
    ['whoever asked', { askedBy: 'ULEAD' }, {}, 'your own request'],
    ['the alert having asked', { askedBy: 'alert' }, {}, 'allowed: tech lead'],
    ['too late', { decideBy: NOW }, {}, 'expired'],
    ['after the incident', { incidentOpen: false }, {}, 'expired'],
    ['an expired request', { state: 'expired' }, {}, 'expired'],
    ['a superseded one', { state: 'superseded' }, {}, 'superseded'],
    ['a denied one', { state: 'denied' }, {}, 'already decided'],
    ['an approved one', { state: 'approved' }, {}, 'already decided'],
    [
      'the same person a second time, of two',
      { quorum: 2, decisions: [{ person: 'ULEAD', verdict: 'approve', authority: TECH_LEAD }] },
      {},
      'already decided',
    ],
    ['the duty officer, for a shared service', shared, duty, `allowed: ${DUTY_OFFICER}`],
    [
      'the duty officer, for a shared service, having asked',
      { ...shared, askedBy: 'UDUTY' },
      duty,
      'your own request',
    ],
    ['in a freeze', { ...prod, system: 'frozen' }, {}, 'freeze'],
    ['in a freeze, in an incident', { ...prod, system: 'frozen', planned: false }, {}, 'freeze'],
    ['in a freeze, not in production', { system: 'frozen' }, {}, 'allowed: tech lead'],
    ['in production, in an incident', { environment: 'prod' }, {}, 'allowed: tech lead'],
    ['in production, all boxes ticked', { ...prod, ticked: BOX_KEYS }, {}, 'allowed: tech lead'],
    ['in production, a box open', { ...prod, ticked: ['staging', 'rollback'] }, {}, 'not authorised'],
    [
      'in production, all boxes ticked, by delegation: the tech lead’s box is open',
      { ...prod, ticked: BOX_KEYS },
      { id: 'UONCALL', roles: ['on-call'], delegations: [delegation] },
      'not authorised',
    ],
    [
      'in production, shared, all boxes ticked',
      { ...prod, ...shared, ticked: BOX_KEYS },
      duty,
      `allowed: ${DUTY_OFFICER}`,
    ],
  ] as const)('%s', (_, r, p, expected) => {
    expect(word(r, p as Partial<PersonView>)).toBe(expected);
  });

  it('lets someone on call alone restart, also on their own request', () => {
    expect(word({ danger: 'disruptive', askedBy: 'UONCALL' }, { id: 'UONCALL', roles: ['on-call'] })).toBe(
      'allowed: on call',
    );
  });

  it('outside the window says when the next begins; a freeze says when it ends', () => {
    const say = (r: Partial<RequestView>, now: Date): string => {
      const judged = judge(
        { ...request, ...r, decideBy: new Date(now.getTime() + 1000) },
        person({}),
        'approve',
        now,
        calendar,
      );
      return judged.allowed ? 'allowed' : judged.refusal.sentence;
    };
    const monday = new Date('2026-01-12T03:00:00Z');
    expect(say(prod, monday)).toContain('outside the window');
    expect(say(prod, monday)).toContain('2026-01-17 02:00 UTC');
    expect(say({ ...prod, planned: false }, monday)).toBe('allowed');
    expect(say({ ...prod, system: 'frozen' }, NOW)).toContain('2026-01-10 04:00 UTC');
  });

  it('names the boxes that are open', () => {
    const judged = judge({ ...request, ...prod, ticked: ['staging'] }, person({}), 'approve', NOW, calendar);
    expect(judged.allowed ? '' : judged.refusal.sentence).toBe(
      'Nobody is authorised to approve this yet. Open of the five boxes: The rollback plan is written down; Somebody watches it afterwards.',
    );
  });

  it('denying needs the authority, and neither window nor boxes', () => {
    expect(word({ ...prod, system: 'frozen' }, {}, 'deny')).toBe('allowed: tech lead');
    expect(word({ ...prod }, { roles: [] }, 'deny')).toBe('not authorised');
  });
});
