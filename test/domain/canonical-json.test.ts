import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';

/** The same value with its keys written in the opposite order, at every level. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  );
}

const json = () => fc.jsonValue({ maxDepth: 6 });

describe('canonical JSON', () => {
  test('is the example of RFC 8785, section 3.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('orders keys by UTF-16 units, as RFC 8785, section 3.2.3, does', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const written = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(Object.keys(JSON.parse(written) as object).length).toBe(7);
    expect(written.indexOf('€')).toBeLessThan(written.indexOf('\u{1f600}'));
    expect(written.indexOf('\u{1f600}')).toBeLessThan(written.indexOf('\ufb33'));
  });

  test('says the same for the same value, whatever order its keys were written in', () => {
    fc.assert(fc.property(json(), (value) => canonicalJson(value) === canonicalJson(reversed(value))));
  });

  test('loses nothing: it parses back to the value', () => {
    fc.assert(
      fc.property(json(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([
    ['undefined', { a: [1, undefined] }, '$.a[1] is undefined'],
    ['a hole', new Array(1), '$[0] is undefined'],
    ['not a number', { n: Number.NaN }, '$.n is NaN'],
    ['infinity', [Number.POSITIVE_INFINITY], '$[0] is Infinity'],
    ['a big integer', { n: 1n }, '$.n is bigint'],
    ['a function', () => 1, '$ is function'],
    ['a date', { at: new Date(0) }, '$.at is an object of a class'],
    ['half a surrogate pair', ['\ud800'], '$[0] holds half'],
  ])('refuses %s, naming the place', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });

  test('refuses a cycle instead of going round for ever', () => {
    const value: Record<string, unknown> = {};
    value.self = value;
    expect(() => canonicalJson(value)).toThrow('nested more than 64 deep');
  });
});
