import { expect, it } from 'vitest';
import { createRedact } from '../../src/domain/redact.ts';
import { cut, escapeCode, escapeMrkdwn, oneLine, plain } from '../../src/domain/text.ts';

const SECRET = 'p@ss/word "1"';
it.each([
  ['as it is', `redis://:${SECRET}@host`],
  ['in a URL', `redis://:${encodeURIComponent(SECRET)}@host`],
  ['in JSON', JSON.stringify({ key: SECRET })],
  ['in base64', Buffer.from(SECRET).toString('base64')],
])('hides a secret %s', (_, text) => {
  const shown = createRedact([SECRET])(text);
  expect(shown).toContain('[redacted]');
  expect(shown).not.toContain('word');
});

it('hides it anywhere in a value, keys included, and leaves the rest', () => {
  const redact = createRedact(['hunter22']);
  const at = new Date(0);
  expect(redact({ a: ['x hunter22 y', { hunter22: 1 }], at, n: null })).toEqual({
    a: ['x [redacted] y', { '[redacted]': 1 }],
    at,
    n: null,
  });
});

it('does not take a few letters for a secret', () => {
  expect(createRedact(['db'])('db0 holds the db')).toBe('db0 holds the db');
});

it('makes text from outside harmless', () => {
  expect(escapeMrkdwn('<!channel> & *bold* `code` ~x~ _kept_')).toBe(
    '&lt;!channel&gt; &amp; ∗bold∗ ˋcodeˋ ∼x∼ _kept_',
  );
  expect(escapeCode('```<@U1>')).toBe('ˋˋˋ&lt;@U1&gt;');
  expect(plain('\u001b[31mred\u001b[0m\u202e\u0000\r\nnext')).toBe('red\nnext');
  expect(oneLine(' a\n b\t c ')).toBe('a b c');
});

it('cuts at the limit, and never in half a character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('ab…');
  expect(cut('a🙂b', 3)).toBe('a…');
});
