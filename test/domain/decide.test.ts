import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DelegationView,
  isLive,
  judge,
  type PersonView,
  type RequestView,
} from '../../src/domain/decide.ts';

const NOW = new Date('2026-01-10T03:00:00Z');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const request: RequestView = {
  state: 'open',
  danger: 'destructive',
  quorum: 1,
  askedBy: 'UASKER',
  decideBy: later(60_000),
  system: 'moalog',
  incidentOpen: true,
  decisions: [],
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
const word = (
  r: Partial<RequestView>,
  p: Partial<PersonView>,
  verdict: 'approve' | 'deny' = 'approve',
): string => {
  const judged = judge({ ...request, ...r }, person(p), verdict, NOW);
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
      { quorum: 2, decisions: [{ person: 'ULEAD', verdict: 'approve' }] },
      {},
      'already decided',
    ],
  ] as const)('%s', (_, r, p, expected) => {
    expect(word(r, p as Partial<PersonView>)).toBe(expected);
  });

  it('lets someone on call alone restart, also on their own request', () => {
    expect(word({ danger: 'disruptive', askedBy: 'UONCALL' }, { id: 'UONCALL', roles: ['on-call'] })).toBe(
      'allowed: on call',
    );
  });

  it('no sequence of clicks approves a destructive plan without enough other, authorised people in time', () => {
    const clicks = fc.array(
      fc.record({
        person: fc.constantFrom('ULEAD', 'ULEAD2', 'UONCALL', 'UASKER', 'UGUEST', 'UNOBODY'),
        verdict: fc.constantFrom<'approve' | 'deny'>('approve', 'deny'),
        at: fc.integer({ min: -5, max: 25 }),
      }),
      { maxLength: 12 },
    );
    const people: Readonly<Record<string, Partial<PersonView>>> = {
      ULEAD: {},
      ULEAD2: { id: 'ULEAD2' },
      UONCALL: {
        id: 'UONCALL',
        roles: ['on-call'],
        delegations: [{ ...delegation, startsAt: later(5000), endsAt: later(10_000) }],
      },
      UASKER: { id: 'UASKER' },
      UGUEST: { id: 'UGUEST', kind: 'guest' },
      UNOBODY: { id: 'UNOBODY', roles: [] },
    };
    fc.assert(
      fc.property(clicks, fc.integer({ min: 1, max: 2 }), (sequence, quorum) => {
        let state: RequestView = { ...request, quorum, decideBy: later(20_000) };
        for (const click of sequence) {
          const now = later(click.at * 1000);
          const judged = judge(state, person(people[click.person] ?? {}), click.verdict, now);
          if (!judged.allowed) continue;
          const decisions = [...state.decisions, { person: click.person, verdict: click.verdict }];
          state = {
            ...state,
            decisions,
            state: click.verdict === 'deny' ? 'denied' : judged.completes ? 'approved' : 'open',
          };
          expect(now < state.decideBy).toBe(true);
          if (click.person === 'UONCALL')
            expect(isLive(people.UONCALL?.delegations?.[0] ?? delegation, 'moalog', now)).toBe(true);
        }
        if (state.state !== 'approved') return;
        const approvers = new Set(
          state.decisions.filter((d) => d.verdict === 'approve').map((d) => d.person),
        );
        expect(approvers.size).toBeGreaterThanOrEqual(quorum);
        for (const outsider of ['UASKER', 'UGUEST', 'UNOBODY']) expect(approvers.has(outsider)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
