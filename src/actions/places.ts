/** `{name}` places of a declared program or call, and the values that a runbook's step gives for them. */
import { z } from 'zod';
import type { SettingsProblem } from '../domain/action.ts';
import { didYouMean } from '../domain/nearest.ts';
import { placesIn } from '../domain/params.ts';
import { plain } from '../domain/text.ts';

export type Value = string | number | boolean;
export type Values = Readonly<Record<string, Value>>;

/** Settings' `with`. */
export const valuesSchema = z
  .record(
    z.string(),
    z.union([z.string().max(500), z.number(), z.boolean()], 'a text, a number, true or false'),
  )
  .default({});

const PLACE = /\{([a-z][a-z0-9_-]*)\}/gu;
const WHOLE = /^\{([a-z][a-z0-9_-]*)\}$/u;

/** In one pass: a value that itself looks like a place stays as it is. */
export function fillText(text: string, values: Values, encode: (value: string) => string = String): string {
  return text.replace(PLACE, (place: string, name: string) =>
    Object.hasOwn(values, name) ? encode(String(values[name])) : place,
  );
}

/** A copy with every text in it filled; a text that is nothing but a place becomes the value, a number stays one. */
export function fillJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value)?.[1];
    if (whole !== undefined && Object.hasOwn(values, whole)) return values[whole];
    return fillText(value, values);
  }
  if (Array.isArray(value)) return value.map((entry) => fillJson(entry, values));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fillJson(entry, values)]));
  return value;
}

/** Every place needs a value, every value a place; what can't be seen in a plan is in no value. */
export function checkValues(what: string, templates: unknown, values: Values): readonly SettingsProblem[] {
  const places = [...new Set(placesIn(templates))];
  const problems: SettingsProblem[] = [];
  for (const place of places) {
    if (Object.hasOwn(values, place)) continue;
    const message = `with has no value for {${place}} of ${what}; expected one for each of ${places.join(', ')}`;
    problems.push({ path: ['with'], message });
  }
  for (const [name, value] of Object.entries(values)) {
    if (!places.includes(name)) {
      const known = places.length === 0 ? 'it has no places' : `expected one of ${places.join(', ')}`;
      const message = `${what} has no place {${name}}; ${known}${didYouMean(name, places)}`;
      problems.push({ path: ['with', name], message });
      continue;
    }
    if (typeof value !== 'string' || (!/\p{Cc}/u.test(value) && plain(value) === value)) continue;
    const message = `the value of ${name} holds characters that can't be seen; expected plain text on one line`;
    problems.push({ path: ['with', name], message });
  }
  return problems;
}

/** `there is no program "sede"; did you mean "seed"?` */
export function notDeclared(
  key: string,
  what: 'program' | 'call',
  name: string,
  known: readonly string[],
): SettingsProblem {
  const near = didYouMean(name, known);
  const all = known.length === 0 ? 'its system.yaml declares none' : `expected one of ${known.join(', ')}`;
  return { path: [key], message: `there is no ${what} "${name}"${near === '' ? `; ${all}` : near}` };
}

/** Plans are approved by people: what is done must fit where they read it. */
export const LONGEST_CALL = 1_400;

/** Why it can't be shown whole, or null. */
export function tooLong(does: string): string | null {
  if (does.length <= LONGEST_CALL) return null;
  return `it has ${does.length} characters, more than the ${LONGEST_CALL} that a plan can show whole to who approves it`;
}
