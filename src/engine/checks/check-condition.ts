/** Reads the condition of an incident from its target: does it still hold? */
import { type ConditionVerdict, conditionStep, judgeCondition } from '../../domain/judge-condition.ts';
import type { ProbeResult } from '../../domain/probe.ts';
import type { Condition } from '../../domain/runbook.ts';
import type { Engine } from '../core/engine.ts';
import { resolveProbeIn } from '../core/resolve.ts';
import { askService } from './ask-service.ts';

export interface ConditionResult extends ConditionVerdict {
  readonly finding: ProbeResult;
}

export async function checkCondition(
  engine: Engine,
  system: string,
  condition: Condition,
): Promise<ConditionResult> {
  const question = conditionStep(condition);
  const finding = await askService(engine, system, question);
  const facts = resolveProbeIn(engine, system, question).kind?.facts ?? {};
  return { ...judgeCondition(condition, finding, facts), finding };
}
