/** One service, looked at alone: what it learnt, further checks, figures, and its last 24 hours. */
import type { KnownBlock } from '@slack/web-api';
import { type HealthHistory, STRIP_SAYS, sayAvailability, uptimeStrip } from '../../domain/health-history.ts';
import type { ProbeState } from '../../domain/probe.ts';
import { sayFacts } from '../../domain/say-facts.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import type { CheckResult, HealthPart } from '../../journal/health.ts';
import { context, sections } from '../blocks.ts';
import { figureLines } from './figures.ts';

const MARK: Readonly<Record<ProbeState, string>> = { up: '✓', degraded: '⚠', down: '✗', unknown: '?' };

const FACTS_SHOWN = 24;
const CHECK_FACTS_SHOWN = 8;
/** How the answer was carried says nothing of a check that is good. */
const CARRIAGE: ReadonlySet<string> = new Set(['body', 'bytes', 'redirects', 'status']);

export function serviceBlocks(
  part: HealthPart,
  history: HealthHistory | null,
  at: Date,
  notes: readonly string[],
): readonly KnownBlock[] {
  const [name = ''] = part.services;
  const facts = sayFacts(part.results[name]?.facts ?? {}, FACTS_SHOWN);
  const checks = (part.more.checks ?? []).map(checkLine);
  return [
    ...sections(facts === '' ? [] : [escapeMrkdwn(facts)]),
    ...sections(checks.length === 0 ? [] : ['*Further checks*', ...checks]),
    ...sections(figureLines(part.more.figures ?? [], 'service')),
    ...historyBlocks(history, at),
    ...(notes.length === 0 ? [] : [context(...notes.map((note) => escapeMrkdwn(note)))]),
  ];
}

/** A check is not a service: it is `fine` or not, so that a line with a state is always a service's. */
export function checkLine({ title, result }: CheckResult): string {
  const latency = result.latencyMs === null ? '' : ` · ${Math.round(result.latencyMs)} ms`;
  const facts = Object.entries(result.facts).filter(([fact]) => !CARRIAGE.has(fact));
  const said = [result.reason, sayFacts(Object.fromEntries(facts), CHECK_FACTS_SHOWN)]
    .filter((text) => text !== null && text !== '')
    .map((text) => ` · ${escapeMrkdwn(text ?? '')}`);
  return `${MARK[result.state]} ${escapeMrkdwn(title)}${result.state === 'up' ? '' : ` ${result.state}`}${latency}${said.join('')}`;
}

function historyBlocks(history: HealthHistory | null, at: Date): readonly KnownBlock[] {
  if (history === null) return [];
  const available = sayAvailability(history, at);
  if (available === null) return [context('Nobody has looked at it before.')];
  return [...sections([`*Last 24 hours* · ${available}`, uptimeStrip(history.hours)]), context(STRIP_SAYS)];
}
