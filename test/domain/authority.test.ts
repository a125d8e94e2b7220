/** Whatever happens in whatever order: what reaches an execution was approved as the rules say, told apart from them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BOX_KEYS, type Calendar } from '../../src/domain/change-rules.ts';
import {
  type DecisionView,
  type DelegationView,
  judge,
  type PersonView,
  type RequestView,
  whyNotStart,
} from '../../src/domain/decide.ts';

/** A Saturday, an hour into the primary window; events happen in minutes from here. */
const START = Date.parse('2026-01-10T03:00:00Z');
const minute = (n: number): Date => new Date(START + n * 60_000);
const WINDOW_ENDS = 180;
const DECIDE_MINUTES = 60;
const START_MINUTES = 10;

const event = fc.oneof(
  fc.record({
    kind: fc.constant('click' as const),
    person: fc.constantFrom('lead', 'lead2', 'delegate', 'onCall', 'duty', 'asker', 'guest', 'bot', 'nobody'),
    verdict: fc.constantFrom<'approve' | 'deny'>('approve', 'approve', 'approve', 'deny'),
  }),
  fc.record({ kind: fc.constant('tick' as const), box: fc.constantFrom(...BOX_KEYS) }),
  fc.record({ kind: fc.constant('untick' as const), box: fc.constantFrom(...BOX_KEYS) }),
  fc.record({ kind: fc.constant('resolve' as const) }),
  fc.record({ kind: fc.constant('supersede' as const) }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('start' as const) }),
);

const world = fc.record({
  environment: fc.constantFrom<'dev' | 'test' | 'prod'>('dev', 'test', 'prod', 'prod'),
  planned: fc.boolean(),
  danger: fc.constantFrom<'disruptive' | 'destructive'>('disruptive', 'destructive', 'destructive'),
  quorum: fc.integer({ min: 1, max: 2 }),
  shared: fc.boolean(),
  startsAt: fc.integer({ min: 0, max: 200 }),
  delegation: fc.tuple(fc.integer({ min: -10, max: 120 }), fc.integer({ min: 1, max: 120 })),
  revoked: fc.option(fc.integer({ min: 0, max: 200 })),
  freeze: fc.option(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 60 }))),
  events: fc.array(event, { minLength: 1, maxLength: 14 }),
});

it('no sequence of events starts a change without enough distinct, authorised, timely approvals', () => {
  let started = 0;
  fc.assert(
    fc.property(world, (given) => {
      const delegation: DelegationView = {
        person: 'delegate',
        givenBy: 'lead',
        system: null,
        startsAt: minute(given.delegation[0]),
        endsAt: minute(given.delegation[0] + given.delegation[1]),
        revokedAt: given.revoked === null ? null : minute(given.revoked),
      };
      const freezes =
        given.freeze === null
          ? []
          : [
              {
                from: minute(given.freeze[0]),
                to: minute(given.freeze[0] + given.freeze[1]),
                reason: 'x',
                systems: null,
              },
            ];
      const calendar: Calendar = {
        windows: [{ every: 'saturday', from: 2 * 3_600_000, to: 6 * 3_600_000, zone: 'UTC' }],
        freezes,
      };
      const people: Readonly<Record<string, PersonView>> = {
        lead: { id: 'lead', kind: 'member', roles: ['tech-lead'], delegations: [] },
        lead2: { id: 'lead2', kind: 'member', roles: ['tech-lead'], delegations: [] },
        delegate: { id: 'delegate', kind: 'member', roles: ['on-call'], delegations: [delegation] },
        onCall: { id: 'onCall', kind: 'member', roles: ['on-call'], delegations: [] },
        duty: { id: 'duty', kind: 'member', roles: ['duty-officer'], delegations: [] },
        asker: { id: 'asker', kind: 'member', roles: ['tech-lead', 'on-call'], delegations: [] },
        guest: { id: 'guest', kind: 'guest', roles: ['tech-lead'], delegations: [] },
        bot: { id: 'bot', kind: 'bot', roles: ['tech-lead'], delegations: [] },
        nobody: { id: 'nobody', kind: 'member', roles: [], delegations: [delegation] },
      };
      let clock = given.startsAt;
      let request: RequestView = {
        state: 'open',
        danger: given.danger,
        quorum: given.quorum,
        askedBy: 'asker',
        decideBy: minute(clock + DECIDE_MINUTES),
        startBy: null,
        system: 'moalog',
        environment: given.environment,
        planned: given.planned,
        incidentOpen: true,
        decisions: [],
        approvers: given.shared ? ['duty-officer'] : [],
        ticked: [],
      };
      const clicks: { readonly decision: DecisionView; readonly at: number }[] = [];
      for (const one of given.events) {
        switch (one.kind) {
          case 'click': {
            const who = people[one.person];
            if (who === undefined) break;
            const judged = judge(request, who, one.verdict, minute(clock), calendar);
            if (!judged.allowed) break;
            const decision = { person: who.id, verdict: one.verdict, authority: judged.authority };
            clicks.push({ decision, at: clock });
            const approved = one.verdict === 'approve' && judged.completes;
            request = {
              ...request,
              decisions: [...request.decisions, decision],
              state: one.verdict === 'deny' ? 'denied' : approved ? 'approved' : 'open',
              startBy: approved ? minute(clock + START_MINUTES) : null,
            };
            break;
          }
          case 'tick':
            if (request.state === 'open') request = { ...request, ticked: [...request.ticked, one.box] };
            break;
          case 'untick':
            if (request.state === 'open')
              request = { ...request, ticked: request.ticked.filter((box) => box !== one.box) };
            break;
          case 'resolve':
            if (!given.planned) request = { ...request, incidentOpen: false };
            break;
          case 'supersede':
            if (request.state === 'open' || request.state === 'approved')
              request = { ...request, state: 'superseded' };
            break;
          case 'wait':
            clock += one.minutes;
            break;
          case 'start': {
            if (whyNotStart(request, minute(clock), calendar) !== null) break;
            started += 1;
            assertRightful(clock);
            return;
          }
          default:
            one satisfies never;
        }
      }

      /** In other words than the rule's own. */
      function assertRightful(at: number): void {
        expect(request.state).toBe('approved');
        expect(clicks.every(({ decision }) => decision.verdict === 'approve')).toBe(true);
        const approvers = new Set(clicks.map(({ decision }) => decision.person));
        expect(approvers.size).toBeGreaterThanOrEqual(given.quorum);
        const last = Math.max(...clicks.map((click) => click.at));
        expect(at).toBeLessThan(last + START_MINUTES);
        expect(last).toBeLessThan(given.startsAt + DECIDE_MINUTES);
        for (const outsider of ['guest', 'bot', 'nobody']) expect(approvers.has(outsider)).toBe(false);
        if (!given.shared) expect(approvers.has('duty')).toBe(false);
        if (given.danger === 'destructive') {
          expect(approvers.has('asker')).toBe(false);
          expect(approvers.has('onCall')).toBe(false);
          const lent = clicks.find(({ decision }) => decision.person === 'delegate');
          if (lent !== undefined) {
            expect(lent.at).toBeGreaterThanOrEqual(given.delegation[0]);
            expect(lent.at).toBeLessThan(given.delegation[0] + given.delegation[1]);
            if (given.revoked !== null) expect(lent.at).toBeLessThan(given.revoked);
          }
        }
        if (given.environment !== 'prod') return;
        for (const moment of [...clicks.map((click) => click.at), at]) {
          if (given.freeze !== null) {
            const [from, length] = given.freeze;
            expect(moment < from || moment >= from + length).toBe(true);
          }
          if (given.planned) expect(moment).toBeLessThan(WINDOW_ENDS);
        }
        if (!given.planned) {
          expect(request.incidentOpen).toBe(true);
          return;
        }
        expect(new Set(request.ticked).size).toBe(3);
        const heads = given.shared ? ['lead', 'lead2', 'asker', 'duty'] : ['lead', 'lead2', 'asker'];
        expect(heads.some((head) => approvers.has(head))).toBe(true);
      }
    }),
    { numRuns: 8000 },
  );
  // Otherwise nothing above was looked at.
  expect(started).toBeGreaterThan(50);
});
