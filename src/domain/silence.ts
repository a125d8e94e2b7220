/** Silences by hand: what is typed to set one, and how one is told. Pure. */
import { parseDuration } from './duration.ts';
import { sayLabel } from './matchers.ts';
import { didYouMean } from './nearest.ts';
import type { Matcher } from './runbook.ts';
import { oneLine } from './text.ts';

export interface SilenceWish {
  readonly system: string;
  /** Null: every alert of the system. */
  readonly service: string | null;
  readonly forMs: number;
  readonly comment: string;
}

export interface ShownSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly createdBy: string;
  readonly comment: string;
}

/** What should be quiet for longer is a maintenance, or an alert to be changed. */
export const LONGEST_SILENCE_MS = 24 * 3_600_000;
const SHORTEST_MS = 60_000;
const LONGEST_COMMENT = 300;
const SHORTEST_ID = 8;
export const SILENCE_USAGE =
  'Type `/ops silence moalog redis 2h the reason`, `/ops silence list` or `/ops silence end ID`.';

/** `SYSTEM [SERVICE] DURATION comment`: 1m to 24h. */
export function readSilence(
  words: readonly string[],
  systems: readonly { readonly name: string; readonly services: readonly { readonly name: string }[] }[],
): SilenceWish | { readonly wrong: string } {
  const [given = '', ...rest] = words;
  const names = systems.map(({ name }) => name);
  const system = systems.find(({ name }) => name === given.toLowerCase());
  if (system === undefined) {
    if (given === '') return { wrong: SILENCE_USAGE };
    return {
      wrong: `There is no system “${oneLine(given, 40)}”${didYouMean(given.toLowerCase(), names) || '.'} There are: ${names.join(', ')}.`,
    };
  }
  const [first = ''] = rest;
  const service = system.services.find(({ name }) => name === first.toLowerCase())?.name ?? null;
  const [duration = '', ...comment] = service === null ? rest : rest.slice(1);
  const forMs = parseDuration(duration.toLowerCase());
  if (forMs === null && service === null && rest.length > 1 && parseDuration(rest[1] ?? '') !== null) {
    const services = system.services.map(({ name }) => name);
    return {
      wrong: `${system.name} has no service “${oneLine(first, 40)}”${didYouMean(first.toLowerCase(), services) || '.'} There are: ${services.join(', ')}.`,
    };
  }
  if (forMs === null || forMs < SHORTEST_MS || forMs > LONGEST_SILENCE_MS)
    return {
      wrong: `“${oneLine(duration, 20)}” is not a duration from 1m to 24h, such as 2h. ${SILENCE_USAGE}`,
    };
  const said = oneLine(comment.join(' '), LONGEST_COMMENT);
  if (said === '')
    return { wrong: `Why? A silence without a reason puzzles whoever finds it. ${SILENCE_USAGE}` };
  return { system: system.name, service, forMs, comment: said };
}

export function matchersOf({ system, service }: Pick<SilenceWish, 'system' | 'service'>): readonly Matcher[] {
  const of = (label: string, value: string): Matcher => ({ label, op: '=', value });
  return [of('system', system), ...(service === null ? [] : [of('service', service)])];
}

export const sayMatchers = (matchers: readonly Matcher[]): string =>
  matchers.map(({ label, op, value }) => `${sayLabel(label)}${op}"${value}"`).join(', ');

/** The silence that somebody means by its id or the beginning of it, eight characters at least; null: none, or several. */
export function pickSilence<T extends { readonly id: string }>(
  silences: readonly T[],
  given: string,
): T | null {
  const wanted = given.toLowerCase();
  const exact = silences.find(({ id }) => id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  if (wanted.length < SHORTEST_ID) return null;
  const [first = null, ...more] = silences.filter(({ id }) => id.toLowerCase().startsWith(wanted));
  return more.length === 0 ? first : null;
}

/** A maintenance's silence ends with it; ended by hand it would still be told as set. Null: it is no maintenance's. */
export const maintenanceOf = (comment: string): string | null =>
  /^(MAINT-\d+) until .*\(Pageturner [\w-]+\/[\w-]+\)$/u.exec(comment)?.[1] ?? null;
