/** Does the condition of an incident hold, by what was read from its target? */
import { meets } from './expectation.ts';
import type { FactDeclarations, Facts } from './fact.ts';
import type { ProbeFinding } from './probe.ts';
import type { Condition, ProbeStep } from './runbook.ts';

export interface ConditionVerdict {
  /** Null: the target could not be read, so nobody knows. */
  readonly holds: boolean | null;
  /** `Redis uses 93.1 % of its memory`; what was read. */
  readonly says: string;
}

const TIMEOUT_MS = 5000;

/** The question that a condition asks of its target. Its answer is judged, and expected to be nothing. */
export function conditionStep({ probe, service, settings }: Condition): ProbeStep {
  const question = { probe, service, settings, expect: null, timeoutMs: TIMEOUT_MS };
  return { key: 'condition', title: null, withinMs: 0, ...question };
}

/** Pure. `declared`: the facts of the probe that was asked. */
export function judgeCondition(
  condition: Condition,
  finding: ProbeFinding,
  declared: FactDeclarations,
): ConditionVerdict {
  const { holds: wanted } = condition;
  if (finding.state === 'unknown') return { holds: null, says: cantBeRead(finding) };
  if (typeof wanted === 'string') {
    const holds = wanted === 'down' ? finding.state === 'down' : finding.state !== 'up';
    const why = finding.reason === null ? '' : `: ${finding.reason}`;
    return { holds, says: `${fillIn(condition, finding)}${why}` };
  }
  if (finding.state === 'down') return { holds: null, says: cantBeRead(finding) };
  const known = Object.keys(wanted).every((name) => (finding.facts[name] ?? null) !== null);
  if (!known) return { holds: null, says: `can’t be read: ${finding.reason ?? 'a fact is missing'}` };
  return { holds: meets(wanted, finding.facts, declared).ok, says: fillIn(condition, finding) };
}

const cantBeRead = ({ reason, state }: ProbeFinding): string => `can’t be read: ${reason ?? state}`;

/** What `says` may name beside facts. */
export const SAYS_ALSO = ['service', 'state'] as const;

function fillIn({ says, service, holds }: Condition, { facts, state }: ProbeFinding): string {
  const known: Facts = typeof holds === 'string' ? { service, state } : { service, state, ...facts };
  return says.replace(/\{(\w+)\}/gu, (_, name: string) => String(known[name] ?? '?'));
}
