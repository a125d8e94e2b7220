/** What makes an alert true: one condition for all of a runbook's alerts, or one for each of them. */
import { ENGINE_SERVICE, HEALTH_PROBE } from '../domain/bind-runbook.ts';
import { expectationProblems } from '../domain/expectation-problems.ts';
import { conditionStep, SAYS_ALSO } from '../domain/judge-condition.ts';
import { didYouMean } from '../domain/nearest.ts';
import { inside, type PlacedProblem } from '../domain/placed-problem.ts';
import { resolveProbe } from '../domain/resolve-step.ts';
import type { Condition, Runbook } from '../domain/runbook.ts';
import { check } from './check.ts';
import type { Path } from './problem.ts';
import { named, type StepContext, settingsOf } from './read-step.ts';
import { readTrigger } from './read-trigger.ts';
import { conditionFields, type RunbookFile } from './schemas.ts';
import { faults } from './yaml-file.ts';

/** `condition`: the one that fits an alert nobody knows more of. */
export function readConditions(
  written: RunbookFile['condition'],
  context: StepContext,
): Pick<Runbook, 'condition' | 'conditions'> {
  if (written === undefined) return { condition: null };
  if (!Array.isArray(written)) return { condition: readCondition(written, ['condition'], context) };
  const conditions = written
    .map((one, i) => readCondition(one, ['condition', i], context))
    .filter((one) => one !== null);
  return { condition: conditions.find(({ alerts }) => alerts === undefined) ?? null, conditions };
}

/** Null: reported. */
function readCondition(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  context: StepContext,
): Condition | null {
  const { file, kinds, system, services } = context;
  const fields = check(conditionFields, value, file, path);
  if (fields === null) return null;
  const alerts = (fields.alerts ?? []).flatMap((text, i) =>
    readTrigger(text, [...path, 'alerts', ...(Array.isArray(value.alerts) ? [i] : [])], context),
  );
  const condition: Condition = {
    probe: fields.probe,
    service: fields.service ?? ENGINE_SERVICE,
    settings: settingsOf(value, conditionFields),
    holds: fields.holds,
    says: fields.says,
    withinMs: fields.within ?? 0,
    ...(alerts.length === 0 ? {} : { alerts }),
    ...(fields.mitigates === undefined ? {} : { mitigates: fields.mitigates }),
  };
  const around = { system, services, kinds, ownKeys: Object.keys(conditionFields.shape) };
  const { kind, problems } = resolveProbe(conditionStep(condition), around);
  const all = [
    ...named(problems, value, 'probe'),
    ...holdsProblems(condition, kind),
    ...saysProblems(condition, kind),
  ];
  faults(file, path, all);
  return all.length === 0 ? condition : null;
}

type Kind = ReturnType<typeof resolveProbe>['kind'];

/** What health has for facts is its service's matter: only what it says of its target as a whole can be held against. */
function holdsProblems({ probe, holds }: Condition, kind: Kind): readonly PlacedProblem[] {
  if (typeof holds === 'string') return [];
  if (probe === HEALTH_PROBE)
    return [
      {
        path: ['holds'],
        message: 'the probe health asks what its service’s health asks; expected down or not up',
      },
    ];
  return kind === null ? [] : inside(['holds'], expectationProblems(holds, kind));
}

/** Facts that the sentence names and the probe doesn't learn. */
function saysProblems({ says, probe }: Condition, kind: Kind): readonly PlacedProblem[] {
  if (kind === null && probe !== HEALTH_PROBE) return [];
  const facts = probe === HEALTH_PROBE ? [] : Object.keys(kind?.facts ?? {});
  const known = [...facts, ...SAYS_ALSO];
  return [...says.matchAll(/\{(\w+)\}/gu)]
    .map((match) => match[1] ?? '')
    .filter((fact) => !known.includes(fact))
    .map((fact) => ({
      path: ['says'],
      message: `there is no fact "${fact}" of ${probe}; expected one of ${known.join(', ')}${didYouMean(fact, known)}`,
    }));
}
