/** Lines of logs: how they are asked for, and how many of them fit. */
import type { ProbeStep } from './runbook.ts';

const TIMEOUT_MS = 5000;

/** A probe asked for by hand, with five seconds. */
export const lookupStep = (
  service: string,
  probe: string,
  settings: Readonly<Record<string, unknown>> = {},
  timeoutMs = TIMEOUT_MS,
): ProbeStep => ({
  ...{ key: probe, title: null, probe, service, settings, expect: null, withinMs: 0, timeoutMs },
});

export const logStep = (service: string, lines: number): ProbeStep =>
  lookupStep(service, 'docker.logs', { lines });

/** The newest whole lines, at most `max` characters of them; of a single longer one, its end. */
export function newestThatFit(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(-(max - 2));
  const newline = kept.indexOf('\n');
  return `…\n${newline === -1 || newline === kept.length - 1 ? kept : kept.slice(newline + 1)}`;
}
