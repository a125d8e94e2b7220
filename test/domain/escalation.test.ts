import { describe, expect, it } from 'vitest';
import { escalationChain, levelAfter } from '../../src/domain/escalation.ts';
import { DEFAULT_RULES, type Organisation } from '../../src/domain/organisation.ts';

const rotation = {
  timeZone: 'UTC',
  starts: '2026-01-05T09:00',
  everyDays: 7,
  people: ['UANNA', 'UBEN'],
  overrides: [],
  backup: null,
};
const organisation: Organisation = {
  techLead: ['ULEAD'],
  onCall: ['UOLD'],
  dutyOfficer: ['UDUTY'],
  rules: { ...DEFAULT_RULES, rotation },
};
const now = new Date('2026-01-06T00:00:00Z');
const people = (org: Organisation, start: string, shared = false) =>
  escalationChain(org, { start, shared }, now).map((level) => `${level.role}: ${level.people.join(' ')}`);

describe('whom to call', () => {
  it.each([
    ['on-call', false, ['on-call: UANNA', 'backup: UBEN', 'tech-lead: ULEAD']],
    ['on-call', true, ['on-call: UANNA', 'backup: UBEN', 'duty-officer: UDUTY', 'tech-lead: ULEAD']],
    ['tech-lead', false, ['tech-lead: ULEAD']],
    ['duty-officer', false, ['duty-officer: UDUTY', 'tech-lead: ULEAD']],
  ] as const)('from %s (shared: %s)', (start, shared, expected) => {
    expect(people(organisation, start, shared)).toEqual(expected);
  });

  it('without a rotation the role is called, and there is no backup', () => {
    const { rules: _, ...bare } = organisation;
    expect(people(bare, 'on-call')).toEqual(['on-call: UOLD', 'tech-lead: ULEAD']);
  });

  it('nobody is called twice, and empty roles are passed over', () => {
    expect(people({ ...organisation, techLead: ['UBEN'] }, 'on-call')).toEqual([
      'on-call: UANNA',
      'backup: UBEN',
    ]);
    expect(people({ techLead: [], onCall: [], dutyOfficer: [] }, 'on-call')).toEqual([]);
  });

  it('goes on after whoever was called last, even if that role is held by nobody now', () => {
    const chain = escalationChain(organisation, { start: 'on-call', shared: false }, now);
    expect(levelAfter(chain, null)?.role).toBe('on-call');
    expect(levelAfter(chain, 'on-call')?.role).toBe('backup');
    expect(levelAfter(chain.slice(2), 'backup')?.role).toBe('tech-lead');
    expect(levelAfter(chain, 'tech-lead')).toBeNull();
  });
});
