import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../src/domain/organisation.ts';
import {
  type Freeze,
  freezeAt,
  type MaintenanceWindow,
  nextWindow,
  windowAt,
} from '../../src/domain/windows.ts';

const at = (text: string): Date => new Date(text);
const HOUR = 3_600_000;
const { windows } = DEFAULT_RULES;

describe('the primary window, Saturday 02:00 to 06:00 UTC', () => {
  it.each([
    ['2026-01-10T01:59:59.999Z', false],
    ['2026-01-10T02:00:00.000Z', true],
    ['2026-01-10T05:59:59.999Z', true],
    ['2026-01-10T06:00:00.000Z', false],
    ['2026-01-11T03:00:00.000Z', false],
  ])('%s: %s', (when, open) => {
    expect(windowAt(windows, at(when)) !== null).toBe(open);
  });
  it('says which is next', () => {
    const next = { from: at('2026-01-17T02:00Z'), to: at('2026-01-17T06:00Z') };
    expect(nextWindow(windows, at('2026-01-10T02:00:00Z'))).toEqual(next);
    expect(nextWindow(windows, at('2026-01-17T01:59:59Z'))).toEqual(next);
    expect(nextWindow([], at('2026-01-10T02:00:00Z'))).toBeNull();
  });
});

it('a window over midnight belongs to the day on which it begins', () => {
  const night: readonly MaintenanceWindow[] = [
    { every: 'friday', from: 22 * HOUR, to: 4 * HOUR, zone: 'UTC' },
  ];
  expect(windowAt(night, at('2026-01-09T23:00:00Z'))).toEqual({
    from: at('2026-01-09T22:00:00Z'),
    to: at('2026-01-10T04:00:00Z'),
  });
  expect(windowAt(night, at('2026-01-10T03:59:59Z'))).not.toBeNull();
  expect(windowAt(night, at('2026-01-10T04:00:00Z'))).toBeNull();
  expect(windowAt(night, at('2026-01-10T23:00:00Z'))).toBeNull();
});

it('a window in a zone moves with its clocks', () => {
  const berlin: readonly MaintenanceWindow[] = [
    { every: 'day', from: 1 * HOUR, to: 2 * HOUR, zone: 'Europe/Berlin' },
  ];
  expect(windowAt(berlin, at('2026-01-10T00:30:00Z'))).not.toBeNull();
  expect(windowAt(berlin, at('2026-07-10T00:30:00Z'))).toBeNull();
  expect(windowAt(berlin, at('2026-07-09T23:30:00Z'))).not.toBeNull();
});

it('the next window begins later, is closed before, and is open from its first moment', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
      fc.constantFrom<MaintenanceWindow['every']>('monday', 'saturday', 'day'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('UTC', 'America/New_York'),
      (ms, every, from, length, zone) => {
        const to = ((from + length) % 24) * HOUR;
        const some = [{ every, from: from * HOUR, to, zone }];
        const next = nextWindow(some, new Date(ms));
        expect(next).not.toBeNull();
        if (next === null) return;
        expect(next.from.getTime()).toBeGreaterThan(ms);
        expect(windowAt(some, next.from)).not.toBeNull();
        expect(windowAt(some, next.to)?.to).not.toEqual(next.to);
      },
    ),
  );
});

describe('a freeze', () => {
  const freeze: Freeze = {
    from: at('2026-12-20T00:00:00Z'),
    to: at('2027-01-04T00:00:00Z'),
    reason: 'end of the year',
    systems: ['mari'],
  };
  it.each([
    ['before it', '2026-12-19T23:59:59.999Z', 'mari', false],
    ['from its beginning', '2026-12-20T00:00:00Z', 'mari', true],
    ['no longer at its end', '2027-01-04T00:00:00Z', 'mari', false],
    ['not for another system', '2026-12-24T00:00:00Z', 'moalog', false],
  ])('holds: %s', (_, when, system, holds) => {
    expect(freezeAt([freeze], system, at(when)) !== null).toBe(holds);
  });
  it('of several the one that ends last is said', () => {
    const all = { ...freeze, systems: null, to: at('2027-02-01T00:00:00Z') };
    expect(freezeAt([all, freeze], 'mari', at('2026-12-24T00:00:00Z'))).toBe(all);
  });
});
