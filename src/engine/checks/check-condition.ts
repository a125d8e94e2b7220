/** Reads the condition of an incident from its target: does it still hold? */
import { type ConditionVerdict, judgeCondition } from '../../domain/judge-condition.ts';
import type { ProbeResult } from '../../domain/probe.ts';
import type { Condition, ProbeStep } from '../../domain/runbook.ts';
import type { Engine } from '../core/engine.ts';
import { askService } from './ask-service.ts';

export interface ConditionResult extends ConditionVerdict {
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
  return { ...judgeCondition(condition, finding), finding };
}
