/** Reads the condition of an incident from its target: does it still hold? */
import { meets } from '../domain/expectation.ts';
import type { ProbeResult } from '../domain/probe.ts';
import type { Condition, ProbeStep } from '../domain/runbook.ts';
import { askService } from './ask-service.ts';
import type { Engine } from './engine.ts';

export interface ConditionResult {
  /** Null: the target could not be read, so nobody knows. */
  readonly holds: boolean | null;
  /** `Redis uses 93.1 % of its memory`; what was read. */
  readonly says: string;
  readonly finding: ProbeResult;
}

const DEFAULT_TIMEOUT_MS = 5000;

export async function checkCondition(
  engine: Engine,
  system: string,
  condition: Condition,
): Promise<ConditionResult> {
  const step: ProbeStep = {
    key: 'condition',
    title: null,
    probe: condition.probe,
    service: condition.service,
    settings: condition.settings,
    expect: null,
    withinMs: 0,
    timeoutMs: DEFAULT_TIMEOUT_MS,
  };
  const finding = await askService(engine, system, step);
  if (finding.state === 'down' || finding.state === 'unknown') {
    return { holds: null, says: `can’t be read: ${finding.reason ?? finding.state}`, finding };
  }
  const known = Object.keys(condition.holds).every((name) => (finding.facts[name] ?? null) !== null);
  if (!known)
    return { holds: null, says: `can’t be read: ${finding.reason ?? 'a fact is missing'}`, finding };
  const holds = meets(condition.holds, finding.facts, '').ok;
  const says = condition.says.replace(/\{(\w+)\}/gu, (_, name: string) => String(finding.facts[name] ?? '?'));
  return { holds, says, finding };
}
