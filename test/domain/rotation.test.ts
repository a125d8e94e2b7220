import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dutyAt, type Rotation } from '../../src/domain/rotation.ts';
import { instantOf, parseWall, wallAt } from '../../src/domain/zone.ts';

const rotation: Rotation = {
  timeZone: 'UTC',
  starts: '2026-01-05T09:00',
  everyDays: 7,
  people: ['UANNA', 'UBEN', 'UCARA'],
  overrides: [],
  backup: null,
};
const at = (text: string): Date => new Date(text);

describe('who is on call', () => {
  it.each([
    ['nobody before the first shift', '2026-01-05T08:59:59.999Z', undefined],
    ['the first person from the first moment', '2026-01-05T09:00:00Z', 'UANNA'],
    ['the first person to the last moment', '2026-01-12T08:59:59.999Z', 'UANNA'],
    ['the second person from the next shift on', '2026-01-12T09:00:00Z', 'UBEN'],
    ['the third', '2026-01-20T00:00:00Z', 'UCARA'],
    ['the first again', '2026-01-26T09:00:00Z', 'UANNA'],
  ])('%s', (_, when, person) => {
    expect(dutyAt(rotation, at(when))?.person).toBe(person);
  });

  it('says until when, who is next and who stands behind', () => {
    expect(dutyAt(rotation, at('2026-01-06T00:00:00Z'))).toEqual({
      person: 'UANNA',
      byOverride: false,
      until: at('2026-01-12T09:00:00Z'),
      next: 'UBEN',
      backup: 'UBEN',
    });
  });

  it('an override holds from its beginning and no longer at its end', () => {
    const from = at('2026-01-07T12:00:00Z');
    const to = at('2026-01-08T12:00:00Z');
    const with_ = { ...rotation, overrides: [{ from, to, person: 'UCARA' }] };
    expect(dutyAt(with_, at('2026-01-07T11:59:59.999Z'))).toMatchObject({ person: 'UANNA', until: from });
    expect(dutyAt(with_, from)).toMatchObject({
      person: 'UCARA',
      byOverride: true,
      until: to,
      next: 'UANNA',
      backup: 'UBEN',
    });
    expect(dutyAt(with_, to)?.person).toBe('UANNA');
  });

  it('nobody is their own backup', () => {
    const cover = { from: at('2026-01-05T09:00:00Z'), to: at('2026-02-05T09:00:00Z'), person: 'UBEN' };
    expect(dutyAt({ ...rotation, overrides: [cover] }, at('2026-01-06T00:00:00Z'))?.backup).toBe('UCARA');
    expect(dutyAt({ ...rotation, backup: 'UANNA' }, at('2026-01-06T00:00:00Z'))?.backup).toBe('UBEN');
    expect(dutyAt({ ...rotation, people: ['UANNA'] }, at('2026-01-06T00:00:00Z'))).toMatchObject({
      person: 'UANNA',
      until: null,
      next: null,
      backup: null,
    });
  });

  it('shifts keep to the clocks of their zone when those change', () => {
    const berlin = { ...rotation, timeZone: 'Europe/Berlin', starts: '2026-03-23T09:00' };
    // Clocks go forward on 29 March 2026: the shift has an hour less.
    expect(dutyAt(berlin, at('2026-03-23T08:00:00Z'))).toMatchObject({
      person: 'UANNA',
      until: at('2026-03-30T07:00:00Z'),
    });
    expect(dutyAt(berlin, at('2026-03-30T06:59:59Z'))?.person).toBe('UANNA');
    expect(dutyAt(berlin, at('2026-03-30T07:00:00Z'))?.person).toBe('UBEN');
  });

  it('at every moment exactly one is on call, and stays so until the moment that is said', () => {
    const start = Date.parse('2026-01-05T09:00:00Z');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 * 60 }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
        fc.integer({ min: 1, max: 14 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 30 })), {
          maxLength: 3,
        }),
        (minutes, timeZone, everyDays, covers) => {
          const overrides = covers.map(([day, length]) => ({
            from: new Date(start + day * 86_400_000),
            to: new Date(start + (day + length) * 86_400_000),
            person: 'UDORA',
          }));
          const one = { ...rotation, timeZone, everyDays, overrides };
          const now = new Date(start + 86_400_000 + minutes * 60_000);
          const duty = dutyAt(one, now);
          expect(duty).not.toBeNull();
          expect(duty?.backup).not.toBe(duty?.person);
          if (duty === null || duty.until === null) return;
          expect(duty.until > now).toBe(true);
          expect(dutyAt(one, new Date(duty.until.getTime() - 1))?.person).toBe(duty.person);
          expect(dutyAt(one, duty.until)?.person).toBe(duty.next);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('wall clocks', () => {
  it('a time that is skipped is as much later as the clocks jump; one that comes twice is its first', () => {
    const berlin = (text: string): string => instantOf(parseWall(text) ?? 0, 'Europe/Berlin').toISOString();
    expect(berlin('2026-03-29T02:30')).toBe('2026-03-29T01:30:00.000Z');
    expect(berlin('2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
  });
  it.each(['2026-02-30', '2026-13-01', '2026-01-05T24:30', 'soon', '2026-1-5'])('%s is no time', (text) => {
    expect(parseWall(text)).toBeNull();
  });
  it('there and back is the same instant, but for the hour that comes twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'),
        (ms, zone) => {
          const wall = wallAt(new Date(ms), zone);
          const back = instantOf(wall, zone).getTime();
          expect([0, 3_600_000]).toContain(ms - back);
          expect(wallAt(new Date(back), zone)).toBe(wall);
        },
      ),
    );
  });
});
