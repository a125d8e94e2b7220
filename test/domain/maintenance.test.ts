import { describe, expect, it } from 'vitest';
import {
  CHECKLIST,
  checklistFrom,
  judgeMaintenance,
  type MaintenanceAsk,
  readMaintenance,
} from '../../src/domain/maintenance.ts';
import { DEFAULT_RULES } from '../../src/domain/organisation.ts';

const SATURDAY = new Date('2026-01-10T03:00:00Z');
const MONDAY = new Date('2026-01-12T03:00:00Z');
const systems = ['moalog', 'mari'];
const read = (text: string) => readMaintenance(text.split(' '), systems, SATURDAY);

describe('what is typed', () => {
  it.each([
    ['upgrade redis', systems, null, null, 'upgrade redis'],
    ['moalog upgrade until tomorrow', ['moalog'], null, null, 'upgrade until tomorrow'],
    ['mari moalog until 05:30 upgrade', ['mari', 'moalog'], '2026-01-10T05:30:00Z', null, 'upgrade'],
    ['moalog until 02:00 upgrade', ['moalog'], '2026-01-11T02:00:00Z', null, 'upgrade'],
    ['for 2h moalog INC-12 the disk', ['moalog'], '2026-01-10T05:00:00Z', 12, 'the disk'],
  ] as const)('%s', (text, expected, endsAt, incidentId, reason) => {
    expect(read(text)).toEqual({
      systems: expected,
      endsAt: endsAt === null ? null : new Date(endsAt),
      incidentId,
      reason,
    });
  });
  it.each([
    ['moalog', 'Why?'],
    ['moalog until noon upgrade', 'is no time to end'],
    ['moalog for ever upgrade', 'is no time to end'],
    // Or everything would be silenced for a slip of the finger.
    ['moalgo upgrade', 'There is no system “moalgo”'],
  ])('%s is refused', (text, why) => {
    expect(read(text)).toMatchObject({ wrong: expect.stringContaining(why) });
  });
});

describe('whether it may begin', () => {
  const ask: MaintenanceAsk = { systems: ['mari'], endsAt: null, incidentId: null, reason: 'x' };
  const judged = (changes: Partial<MaintenanceAsk>, now: Date, open = false, frozen = false) => {
    const freezes = frozen
      ? [{ from: new Date(0), to: new Date('2026-02-01T00:00:00Z'), reason: 'a launch', systems: ['mari'] }]
      : [];
    const result = judgeMaintenance({ ...ask, ...changes }, open, { ...DEFAULT_RULES, freezes }, now);
    return 'word' in result ? result.word : result.endsAt.toISOString();
  };
  it('in the window, to its end at the latest', () => {
    expect(judged({}, SATURDAY)).toBe('2026-01-10T06:00:00.000Z');
    expect(judged({ endsAt: new Date('2026-01-10T05:00:00Z') }, SATURDAY)).toBe('2026-01-10T05:00:00.000Z');
    expect(judged({ endsAt: new Date('2026-01-10T09:00:00Z') }, SATURDAY)).toBe('2026-01-10T06:00:00.000Z');
  });
  it('outside it only for an open incident, and for a while', () => {
    expect(judged({}, MONDAY)).toBe('outside the window');
    expect(judged({ incidentId: 3 }, MONDAY)).toBe('unknown request');
    expect(judged({ incidentId: 3 }, MONDAY, true)).toBe('2026-01-12T05:00:00.000Z');
    expect(judged({ incidentId: 3, endsAt: new Date('2026-01-20T00:00:00Z') }, MONDAY, true)).toBe(
      '2026-01-12T15:00:00.000Z',
    );
  });
  it('never in a freeze of one of its systems', () => {
    expect(judged({}, SATURDAY, false, true)).toBe('freeze');
    expect(judged({ incidentId: 3 }, MONDAY, true, true)).toBe('freeze');
    expect(judged({ systems: ['moalog'] }, SATURDAY, false, true)).toBe('2026-01-10T06:00:00.000Z');
  });
});

it('the checklist is that of the page, or the tasks of the runbook by their parts', () => {
  expect(checklistFrom([])).toBe(CHECKLIST);
  expect(CHECKLIST.map(({ title }) => title)).toEqual(['Before', 'During', 'Afterwards', 'Communication']);
  const tasks = [
    { key: 'post-targets', label: 'Targets' },
    { key: 'pre-announce', label: 'Announce' },
    { key: 'coffee', label: 'Coffee' },
  ];
  expect(
    checklistFrom(tasks).map(({ title, items }) => `${title}: ${items.map(({ label }) => label)}`),
  ).toEqual(['Tasks: Coffee', 'Before: Announce', 'Afterwards: Targets']);
});
