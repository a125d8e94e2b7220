/** What a failing service means for those who call it, and what it is itself without those it calls. */
import type { KnownBlock } from '@slack/web-api';
import type { ResilienceFact } from '../../domain/runbook.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import { sections } from '../blocks.ts';

/** Nothing where the page says nothing of the service. */
export function resilienceBlocks(
  facts: readonly ResilienceFact[],
  service: string | null,
): readonly KnownBlock[] {
  if (service === null) return [];
  const ends = facts.map((fact) => ({ fact, ends: fact.call.split('→').map((end) => end.trim()) }));
  const callers = ends.filter(({ ends: [, callee] }) => callee === service).map(({ fact }) => fact);
  return sections(callers.length === 0 ? [] : ['*What it means for others*', ...callers.map(line)]);
}

function line(fact: ResilienceFact): string {
  const how = fact.failsOpen ? '⚠ *fails open*' : '✗ does not fail open';
  return `${how} · ${escapeMrkdwn(fact.call)} (timeout: ${escapeMrkdwn(fact.timeout)}): ${escapeMrkdwn(fact.onFailure)}`;
}
