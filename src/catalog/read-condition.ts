/** A runbook's `condition`: a question to one service, and what its answer must say for the alert to be true. */
import { ALERT_SERVICE, ENGINE_SERVICE, HEALTH_PROBE } from '../domain/bind-runbook.ts';
import { expectationProblems } from '../domain/expectation-problems.ts';
import { conditionStep } from '../domain/judge-condition.ts';
import type { ProbeKindFacts } from '../domain/kinds.ts';
import { didYouMean } from '../domain/nearest.ts';
import { inside, type PlacedProblem } from '../domain/placed-problem.ts';
import { resolveProbe } from '../domain/resolve-step.ts';
import type { Condition } from '../domain/runbook.ts';
import { check } from './check.ts';
import type { Path } from './problem.ts';
import { named, type StepContext, settingsOf } from './read-step.ts';
import { conditionFields } from './schemas.ts';
import { faults } from './yaml-file.ts';

/** Null: reported. */
export function readCondition(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  { file, kinds, system, services }: StepContext,
): Condition | null {
  const fields = check(conditionFields, value, file, path);
  if (fields === null) return null;
  if (fields.probe === HEALTH_PROBE || fields.service === ALERT_SERVICE) {
    const key = fields.probe === HEALTH_PROBE ? 'probe' : 'service';
    file.fault(
      [...path, key],
      `${key} is "${fields[key]}"; expected one by its own name: a condition is read from one place`,
    );
    return null;
  }
  const condition: Condition = {
    probe: fields.probe,
    service: fields.service ?? ENGINE_SERVICE,
    settings: settingsOf(value, conditionFields),
    holds: fields.holds,
    says: fields.says,
    withinMs: fields.within ?? 0,
  };
  const around = { system, services, kinds, ownKeys: Object.keys(conditionFields.shape) };
  const { kind, problems } = resolveProbe(conditionStep(condition), around);
  const all = [
    ...named(problems, value, 'probe'),
    ...(kind === null ? [] : inside(['holds'], expectationProblems(condition.holds, kind))),
    ...(kind === null ? [] : saysProblems(condition.says, kind)),
  ];
  faults(file, path, all);
  return all.length === 0 ? condition : null;
}

/** Facts that the sentence names and the probe doesn't learn. */
function saysProblems(says: string, { name, facts }: ProbeKindFacts): readonly PlacedProblem[] {
  const known = Object.keys(facts);
  return [...says.matchAll(/\{(\w+)\}/gu)]
    .map((match) => match[1] ?? '')
    .filter((fact) => !known.includes(fact))
    .map((fact) => ({
      path: ['says'],
      message: `there is no fact "${fact}" of ${name}; expected one of ${known.join(', ')}${didYouMean(fact, known)}`,
    }));
}
