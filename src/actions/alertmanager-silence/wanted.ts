/** The silence that a step asks for, and which of those that are there is it. */
import type { Silence } from '../../clients/alertmanager.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { parseDuration } from '../../domain/duration.ts';
import { parseMatchers } from '../../domain/matchers.ts';
import type { Matcher } from '../../domain/runbook.ts';
import type { SilenceSettings } from './settings.ts';

export const CREATED_BY = 'pageturner';

export interface Wanted {
  readonly matchers: readonly Matcher[];
  readonly durationMs: number;
  readonly comment: string;
}

export function wantedSilence(settings: SilenceSettings): Wanted {
  const parsed = parseMatchers(settings.matchers);
  return {
    matchers: 'matchers' in parsed ? parsed.matchers : [],
    durationMs: parseDuration(settings.duration) ?? 0,
    comment: settings.comment,
  };
}

/** `service="redis", severity!="critical"`, as Alertmanager writes them. */
export function sayMatchers(matchers: readonly Matcher[]): string {
  return matchers.map(({ label, op, value }) => `${label}${op}${JSON.stringify(value)}`).join(', ');
}

/** Ours, about the same, with the same comment: Alertmanager keeps no word of our own beside these. */
export function isSame(silence: Silence, wanted: Pick<Wanted, 'matchers' | 'comment'>): boolean {
  return (
    silence.createdBy === CREATED_BY &&
    silence.comment === wanted.comment &&
    sorted(silence.matchers) === sorted(wanted.matchers)
  );
}

/** Alertmanager sorts them by name. */
const sorted = (matchers: readonly Matcher[]): string =>
  matchers
    .map((matcher) => canonicalJson(matcher))
    .sort()
    .join();
