import { describe, expect, it } from 'vitest';
import {
  maintenanceOf,
  matchersOf,
  pickSilence,
  readSilence,
  sayMatchers,
} from '../../src/domain/silence.ts';

const systems = [
  { name: 'shop', services: [{ name: 'redis' }, { name: 'web' }] },
  { name: 'depot', services: [] },
];
const read = (text: string) => readSilence(text.split(' ').filter(Boolean), systems);

describe('what is typed after /ops silence', () => {
  it('is a system, perhaps a service, how long and why', () => {
    expect(read('shop 2h a new disk')).toEqual({
      system: 'shop',
      service: null,
      forMs: 7_200_000,
      comment: 'a new disk',
    });
    expect(read('Shop redis 24h it flaps')).toMatchObject({ service: 'redis', forMs: 86_400_000 });
    expect(sayMatchers(matchersOf({ system: 'shop', service: 'redis' }))).toBe(
      'system="shop", service="redis"',
    );
  });

  it.each([
    ['', 'Type `/ops silence'],
    ['shopp 2h why', 'did you mean "shop"'],
    ['shop reddis 2h why', 'did you mean "redis"'],
    ['shop 25h why', 'is not a duration from 1m to 24h'],
    ['shop 59s why', 'is not a duration from 1m to 24h'],
    ['shop soon why', '“soon” is not a duration'],
    ['shop', '“” is not a duration'],
    ['shop 2h', 'Why?'],
    ['shop redis 2h', 'Why?'],
  ])('%j is answered with what is wrong', (text, part) => {
    expect(read(text)).toMatchObject({ wrong: expect.stringContaining(part) as string });
  });
});

describe('the silence that an id means', () => {
  const [a, b] = [{ id: '0a1b2c3d-1111' }, { id: '0a1b2c3d-2222' }];
  it('is named whole, or by a beginning that only one has', () => {
    expect(pickSilence([a, b], '0A1B2C3D-1111')).toBe(a);
    expect(pickSilence([a, b], '0a1b2c3d-2')).toBe(b);
    expect(pickSilence([a, b], '0a1b2c3d')).toBeNull();
    expect(pickSilence([a], '0a1b')).toBeNull();
    expect(pickSilence([a, b], '')).toBeNull();
  });

  it('is known to be a maintenance’s by its comment', () => {
    expect(maintenanceOf('MAINT-3 until 2026-01-10 06:00 UTC: upgrade (Pageturner 5f-aa/shop)')).toBe(
      'MAINT-3',
    );
    expect(maintenanceOf('MAINT-3 is over (Pageturner, by hand)')).toBeNull();
  });
});
