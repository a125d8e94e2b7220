/** One text for one value, whatever the order its keys were written in: what a digest is taken over. */

const DEEPEST = 64;

/**
 * RFC 8785 (JSON Canonicalization Scheme): keys in the order of their UTF-16 units, no blanks, ECMAScript numbers.
 * Throws a TypeError, naming the place, on what JSON has no word for: undefined, NaN, infinities, big integers,
 * functions, dates and other objects of a class, half surrogates, more than 64 levels (so cycles too).
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** Where a value stands: a key, or an index of a list. */
type Path = (string | number)[];

const say = (path: Path): string =>
  `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`;

function write(value: unknown, path: Path): string {
  if (path.length > DEEPEST)
    throw new TypeError(`${say(path).slice(0, 80)}… is nested more than ${DEEPEST} deep`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeString(value, path);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${say(path)} is ${value}, which JSON can't say`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    // Array.from sees holes, which map would leave as nothing between two commas.
    return `[${Array.from(value, (entry, i) => writeAt(i, entry, path)).join(',')}]`;
  }
  if (typeof value === 'object' && isPlain(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    const written = entries.map(([key, entry]) => `${writeString(key, path)}:${writeAt(key, entry, path)}`);
    return `{${written.join(',')}}`;
  }
  throw new TypeError(`${say(path)} is ${typeof value === 'object' ? 'an object of a class' : typeof value}`);
}

function writeAt(key: string | number, value: unknown, path: Path): string {
  path.push(key);
  const written = write(value, path);
  path.pop();
  return written;
}

function writeString(text: string, path: Path): string {
  if (!text.isWellFormed()) throw new TypeError(`${say(path)} holds half of a surrogate pair`);
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
