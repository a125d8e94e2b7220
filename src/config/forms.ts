/** What the text of a variable may be: a parser, the words that refuse it, and the words of the reference page. */
import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import { isDecodable, PERCENT_EXPECTED, PERCENT_FOUND } from '../domain/percent.ts';
import { parseRedisAddress } from '../domain/redis-address.ts';

const PERCENT = `${PERCENT_FOUND}; expected ${PERCENT_EXPECTED}`;

export interface Form<T> {
  readonly schema: z.ZodType<T, string>;
  /** For the reference page: "a whole number from 1 to 10". */
  readonly says: string;
  /** Parts of the value that must never be shown, such as the password of an address. */
  readonly secretsIn?: (text: string) => readonly string[];
}

/** `parse`: null for what isn't of this form; `refusal`: what the line says about it, after the variable's name. */
function form<T>(
  says: string,
  parse: (text: string) => T | null,
  refusal: (text: string) => string = (text) => `"${text}" is not ${says}`,
): Form<T> {
  const schema = z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: refusal(text) });
    return z.NEVER;
  });
  return { schema, says };
}

export const anyText: Form<string> = { schema: z.string(), says: 'text' };

/** `least`: characters, so that it can't be guessed. The refusal never repeats the value: it is a secret. */
export const secretText = (least: number): Form<string> =>
  form(
    `a secret of at least ${least} characters`,
    (text) => (text.length < least ? null : text),
    () => `shorter than ${least} characters`,
  );

/** Several, separated by commas: each is one by itself. */
export const secretTexts = (least: number): Form<readonly string[]> => ({
  ...form(
    `secrets of at least ${least} characters, separated by commas`,
    (text) => {
      const all = text.split(',').map((one) => one.trim());
      return all.every((one) => one.length >= least) ? all : null;
    },
    () => `one of them is shorter than ${least} characters`,
  ),
  secretsIn: (text) => text.split(',').map((one) => one.trim()),
});

export const oneOf = <const T extends string>(values: readonly T[]): Form<T> =>
  form(
    values.length < 6 ? values.join(', ').replace(/, (?=[^,]*$)/u, ' or ') : `one of ${values.join(', ')}`,
    (text) => values.find((value) => value === text) ?? null,
    (text) => `"${text}" is not one of ${values.join(', ')}`,
  );

/** A name that PostgreSQL takes without quotes, short enough for what is made of it. */
export const plainName: Form<string> = form('a plain name (a to z, 0 to 9, _)', (text) =>
  /^[a-z_][a-z0-9_]{0,50}$/u.test(text) ? text : null,
);

export const integer = (min: number, max: number): Form<number> =>
  form(`a whole number from ${min} to ${max}`, (text) => {
    const number = Number(text);
    return Number.isInteger(number) && number >= min && number <= max ? number : null;
  });

/** Milliseconds. `least`: the shortest that makes sense, written as a duration. */
export const duration = (least?: string): Form<number> =>
  form(`a duration${least === undefined ? '' : ` of at least ${least}`}`, (text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= (parseDuration(least ?? '1ms') ?? 0) ? ms : null;
  });

/** `off` is null inside, so it needs a box of its own to differ from a refusal. */
export const durationOrOff = (least: string): Form<{ readonly ms: number | null }> =>
  form(`a duration of at least ${least}, or off`, (text) => {
    if (text === 'off') return { ms: null };
    const parsed = duration(least).schema.safeParse(text);
    return parsed.success ? { ms: parsed.data } : null;
  });

/** An address whose every part can be decoded; its password is a secret. The refusal never repeats it. */
export function address(...schemes: readonly string[]): Form<string> {
  const says = `an address with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return {
    ...form(
      says,
      (text) => (isAddress(text, schemes) && isDecodable(text) ? text : null),
      (text) => (isDecodable(text) ? `not ${says}` : PERCENT),
    ),
    secretsIn: (text) => [decodeURIComponent(new URL(text).password)],
  };
}

const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d+:\S+$/u;

export const topics: Form<readonly string[]> = form(
  'one or more ARNs of SNS topics, separated by commas',
  (text) => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    return names.every((name) => TOPIC.test(name)) ? names : null;
  },
);

const QUEUE = 'an address with redis://, rediss:// or redis+sentinel://';

export const queueAddress: Form<string> = {
  ...form(
    QUEUE,
    (text) => (isDecodable(text) && parseRedisAddress(text) !== null ? text : null),
    (text) => (isDecodable(text) ? `not ${QUEUE}` : PERCENT),
  ),
  secretsIn: (text) => {
    const parsed = parseRedisAddress(text);
    if (parsed === null) return [];
    return parsed.kind === 'sentinel' ? [parsed.password, parsed.sentinelPassword] : [parsed.password];
  },
};

function isAddress(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}
