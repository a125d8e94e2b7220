/** Does the condition of an incident hold, by what was read from its target? */
import { meets } from './expectation.ts';
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

/** Pure. */
export function judgeCondition(condition: Condition, finding: ProbeFinding): ConditionVerdict {
  if (finding.state === 'down' || finding.state === 'unknown')
    return { holds: null, says: `can’t be read: ${finding.reason ?? finding.state}` };
  const known = Object.keys(condition.holds).every((name) => (finding.facts[name] ?? null) !== null);
  if (!known) return { holds: null, says: `can’t be read: ${finding.reason ?? 'a fact is missing'}` };
  const holds = meets(condition.holds, finding.facts, '').ok;
  const says = condition.says.replace(/\{(\w+)\}/gu, (_, name: string) => String(finding.facts[name] ?? '?'));
  return { holds, says };
}
