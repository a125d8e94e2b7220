import { expect, test } from 'vitest';
import { createRedact, REDACTED } from '../../src/domain/redact.ts';
import { cut, escapeCode, escapeMrkdwn, oneLine, plain } from '../../src/domain/text.ts';

const SECRET = 'pä/ss w+rd"7&=hunter22~zebra';
const PLAIN = 'canary-3f9b77d1c0e4';
const redact = createRedact([SECRET, PLAIN]);

const FORMS: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', (s) => s],
  ['URL-encoded', (s) => encodeURIComponent(s)],
  ['URL-encoded in lower case', (s) => encodeURIComponent(s).replace(/%../gu, (e) => e.toLowerCase())],
  ['in a form', (s) => new URLSearchParams({ a: s }).toString().slice(2)],
  ['in JSON', (s) => JSON.stringify({ s })],
  ['in JSON in JSON', (s) => JSON.stringify({ s: JSON.stringify({ s }) })],
  ['in base64', (s) => Buffer.from(s).toString('base64')],
  ['in base64url', (s) => Buffer.from(s).toString('base64url')],
  ['in base64 behind a user', (s) => Buffer.from(`me:${s}`).toString('base64')],
  ['in base64 between others', (s) => Buffer.from(`user=x&p=${s}&more=y`).toString('base64')],
  ['in base64url behind two characters', (s) => Buffer.from(`ab${s}cd`).toString('base64url')],
  ['in hexadecimal', (s) => Buffer.from(s).toString('hex')],
  ['in HEXADECIMAL', (s) => Buffer.from(s).toString('hex').toUpperCase()],
  ['folded over lines', (s) => `${s.slice(0, 9)}\n  ${s.slice(9, 15)}\r\n\t${s.slice(15)}`],
  [
    'in base64 folded over lines',
    (s) =>
      (
        Buffer.from(`xy${s}`)
          .toString('base64')
          .match(/.{1,7}/gu) ?? []
      ).join('\n'),
  ],
];

test.each(FORMS)('a secret %s is redacted', (_, form) => {
  for (const secret of [SECRET, PLAIN]) {
    const said = redact(`before ${form(secret)} after`);
    expect(said).toContain(REDACTED);
    expect(said.startsWith('before ')).toBe(true);
    expect(said.endsWith(' after')).toBe(true);
    // No run of eight characters of it is left.
    for (let at = 0; at + 8 <= secret.length; at += 1) expect(said).not.toContain(secret.slice(at, at + 8));
  }
});

test('what is left of a secret where a text was cut goes as well', () => {
  const text = `a long answer of a server, so long that nobody shows all of it at once and each takes a part, with ${PLAIN} in it`;
  const from = text.indexOf(PLAIN);
  for (let length = from + 10; length < text.length; length += 1) {
    for (const said of [
      redact(cut(text, length)),
      redact(text.slice(0, length)),
      redact(`${cut(text, length)} · more`),
    ])
      expect(said).not.toContain(PLAIN.slice(0, 10));
  }
  for (let at = from + 1; at < from + PLAIN.length - 9; at += 1)
    for (const said of [redact(`${text.slice(at)}${' and more'.repeat(20)}`), redact(`…${text.slice(at)}`)])
      expect(said).not.toContain(PLAIN.slice(-10));
});

test('a name that a secret begins or ends with stays', () => {
  const known = createRedact(['market-data-pw1', 'pw-of-dbis-core'], new Set(['market-data', 'dbis-core']));
  for (const text of [
    'market-data',
    `${'x '.repeat(80)}market-data`,
    'dbis-core…',
    `dbis-core${' x'.repeat(80)}`,
  ])
    expect(known(text)).toBe(text);
  expect(redact('canary')).toBe('canary');
});

test('what merely looks alike stays', () => {
  const text = 'canaries are yellow; the redis has 4262 keys\nand two lines … with a cut';
  expect(redact(text)).toBe(text);
});

test('keys and nested values are looked at, dates and bytes are not touched', () => {
  const at = new Date(0);
  expect(redact({ [PLAIN]: [PLAIN, { at }], n: 1, none: null })).toEqual({
    [REDACTED]: [REDACTED, { at }],
    n: 1,
    none: null,
  });
});

test('does not take a few letters for a secret', () => {
  expect(createRedact(['db'])('db0 holds the db')).toBe('db0 holds the db');
});

test('makes text from outside harmless', () => {
  expect(escapeMrkdwn('<!channel> & *bold* `code` ~x~ _kept_')).toBe(
    '&lt;!channel&gt; &amp; ∗bold∗ ˋcodeˋ ∼x∼ _kept_',
  );
  expect(escapeCode('```<@U1>')).toBe('ˋˋˋ&lt;@U1&gt;');
  expect(plain('\u001b[31mred\u001b[0m\u202e\u0000\r\nnext')).toBe('red\nnext');
  expect(oneLine(' a\n b\t c ')).toBe('a b c');
});

test('cuts at the limit, and never in half a character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('ab…');
  expect(cut('a🙂b', 3)).toBe('a…');
});
