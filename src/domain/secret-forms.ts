/** How a secret looks in what programs and servers print: encoded in the usual ways, also as part of something longer. */

/** Characters; a shorter value is in too many texts by chance. */
export const SHORTEST_SECRET = 4;
/** Characters: a part of base64 shorter than this is in too many texts by chance. */
const SHORTEST_INNER = 8;

/** The secret itself and its encodings: URL (either case, and as a form), JSON (once and twice), base64 and base64url at any offset, hexadecimal. */
export function encodedForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const hex = bytes.toString('hex');
  return [
    secret,
    ...[url, form].flatMap((encoded) => [encoded, lowerEscapes(encoded)]),
    json,
    JSON.stringify(json).slice(1, -1),
    asciiJson(json),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...[0, 1, 2].flatMap((offset) => innerBase64(bytes, offset)),
    ...(hex.length >= SHORTEST_INNER ? [hex, hex.toUpperCase()] : []),
  ];
}

const lowerEscapes = (text: string): string =>
  text.replace(/%[0-9A-F]{2}/gu, (escaped) => escaped.toLowerCase());

/** As encoders write it that keep to ASCII. */
const asciiJson = (json: string): string =>
  json.replace(/[^\u0020-\u007e]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** What stands in the base64 of a longer text (`user:secret`) whatever is before and behind it. */
function innerBase64(bytes: Buffer, offset: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor((whole.length * 8) / 6);
  const inner = whole.toString('base64').slice(from, to);
  if (inner.length < SHORTEST_INNER) return [];
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}
