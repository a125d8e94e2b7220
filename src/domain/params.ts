/** Parameters of a runbook: declared with a type, checked before anything runs, filled into `{name}` of its steps. */
import { didYouMean } from './nearest.ts';
import { matchesPattern } from './safe-pattern.ts';

interface Common {
  readonly name: string;
  readonly says: string;
  /** Null: it must be given. */
  readonly standard: string | null;
  /** One that is right: shown beside a refusal, and what lint fills in. */
  readonly example: string;
}

export type Param =
  | (Common & { readonly type: 'date' })
  | (Common & { readonly type: 'integer'; readonly min: number; readonly max: number })
  | (Common & { readonly type: 'choice'; readonly of: readonly string[] })
  | (Common & { readonly type: 'text'; readonly pattern: string | null });

export type ParamValue = string | number;
export type ParamValues = Readonly<Record<string, ParamValue>>;

export const LONGEST_VALUE = 200;
const PLACE = /\{([a-z][a-z0-9_-]*)\}/gu;

/** The values, or one sentence that says what is wrong, with an example. */
export function readParams(
  params: readonly Param[],
  given: Readonly<Record<string, string>>,
): { readonly values: ParamValues } | { readonly wrong: string } {
  const names = params.map(({ name }) => name);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const known = names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`;
    return {
      wrong: `There is no parameter “${stranger.slice(0, 60)}”; ${known}${didYouMean(stranger, names) || '.'}`,
    };
  }
  const values: Record<string, ParamValue> = {};
  for (const param of params) {
    const text = given[param.name] ?? param.standard;
    if (text === null)
      return { wrong: `${param.name} is missing: ${param.says}, e.g. ${param.name}=${param.example}.` };
    const value = readValue(param, text);
    if (value === null) {
      const found = text === '' ? 'nothing' : `“${text.slice(0, 60)}”`;
      return {
        wrong: `${param.name} is ${found}; expected ${expected(param)}, e.g. ${param.name}=${param.example}.`,
      };
    }
    values[param.name] = value;
  }
  return { values };
}

/** Null: it is none of that type. */
export function readValue(param: Param, text: string): ParamValue | null {
  if (text.length > LONGEST_VALUE || /\p{Cc}/u.test(text)) return null;
  switch (param.type) {
    case 'date':
      return isDate(text) ? text : null;
    case 'integer': {
      const n = Number(text);
      return /^-?\d{1,15}$/u.test(text) && n >= param.min && n <= param.max ? n : null;
    }
    case 'choice':
      return param.of.includes(text) ? text : null;
    case 'text': {
      if (text === '' || text.startsWith('-')) return null;
      return param.pattern === null || matchesPattern(`^(?:${param.pattern})$`, text) ? text : null;
    }
    default:
      return param satisfies never;
  }
}

/** A day of the calendar, `2024-02-29`. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

export function expected(param: Param): string {
  switch (param.type) {
    case 'date':
      return 'a day of the calendar, year-month-day';
    case 'integer':
      return `a whole number from ${param.min} to ${param.max}`;
    case 'choice':
      return `one of ${param.of.join(', ')}`;
    case 'text':
      return param.pattern === null
        ? `a text of at most ${LONGEST_VALUE} characters`
        : `a text like ${param.pattern}`;
    default:
      return param satisfies never;
  }
}

/** A copy in which every text's `{name}` is filled in; a text that is nothing but `{name}` becomes the value itself. */
export function fillIn<T>(value: T, values: ParamValues): T {
  return fill(value, values) as T;
}

function fill(value: unknown, values: ParamValues): unknown {
  if (typeof value === 'string') {
    const whole = /^\{([a-z][a-z0-9_-]*)\}$/u.exec(value)?.[1];
    if (whole !== undefined && Object.hasOwn(values, whole)) return values[whole];
    return value.replace(PLACE, (place: string, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : place,
    );
  }
  if (Array.isArray(value)) return value.map((entry) => fill(entry, values));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fill(entry, values)]));
  return value;
}

/** Names used as `{name}` anywhere in the texts of a value. */
export function placesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(PLACE)].map((match) => match[1] ?? '');
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(placesIn);
  return [];
}

/** Of every parameter its example. */
function examples(params: readonly Param[]): ParamValues {
  return Object.fromEntries(
    params.map((param) => [param.name, readValue(param, param.example) ?? param.example]),
  );
}

/**
 * Values to look into steps with before anybody has given any: the examples, then each other value that a choice has,
 * in turn. Never empty.
 */
export function sampleValues(params: readonly Param[]): readonly ParamValues[] {
  const first = examples(params);
  const others = params.flatMap((param) =>
    param.type === 'choice'
      ? param.of
          .filter((value) => value !== param.example)
          .map((value) => ({ ...first, [param.name]: value }))
      : [],
  );
  return [first, ...others];
}
