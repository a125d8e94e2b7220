import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyPattern, shownKeyName } from '../../src/actions/redis-flushdb/key-names.ts';
import { oneLine } from '../../src/domain/text.ts';

const shown = (name: string) => shownKeyName(Buffer.from(name));
const pattern = (name: string) => keyPattern(Buffer.from(name));

describe('a key name shown to people', () => {
  test.each([
    ['user:anna.b@example.org:cart', 'user:…@…:cart'],
    ['card:4111111111111111', 'card:41…'],
    ['session:9f86d081884c7d659a2feaa0c55ad015', 'session:9f86…'],
    ['session:1', 'session:1'],
    ['two\nlines\u001b[31m and \u202emore', 'two lines and more'],
  ])('%j is %j', (name, expected) => {
    expect(shown(name)).toBe(expected);
  });

  test('is one line of at most 60 characters, whatever the name is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const text = shownKeyName(Buffer.from(bytes));
        expect(text.length).toBeLessThanOrEqual(60);
        expect(text).toBe(oneLine(text, 60));
        expect(text).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
        expect(text).not.toMatch(/\d{6}/u);
      }),
    );
  });
});

describe('the pattern of a key name', () => {
  test.each([
    ['session:1', 'session:*'],
    ['fluxpay:idem:77:x', 'fluxpay:idem:*'],
    ['user:12:cart', 'user:*:*'],
    ['plain', '(no prefix)'],
    ['/a/b', ':a:*'],
  ])('%j is %j', (name, expected) => {
    expect(pattern(name)).toBe(expected);
  });
});
