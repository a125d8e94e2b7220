/** Recorded answers of a played test, held against what a probe of that kind can answer at all. */
import { HEALTH_PROBE } from '../domain/bind-runbook.ts';
import { factProblems } from '../domain/fact.ts';
import type { Kinds, ProbeKindFacts } from '../domain/kinds.ts';
import { unknownName } from '../domain/nearest.ts';
import type { PlacedProblem } from '../domain/placed-problem.ts';
import type { ProbeStep, ServiceEntry } from '../domain/runbook.ts';
import type { TestFile } from './test-schema.ts';

type Answers = TestFile['tests'][number]['answers'];
type Answer = Answers[string][string][number];

interface Known {
  readonly system: string;
  readonly services: readonly ServiceEntry[];
  readonly kinds: Pick<Kinds, 'probeKinds'>;
  /** Resolved: an answer may be for one step alone, by its key. */
  readonly steps: readonly ProbeStep[];
}

/** Places are those inside `answers`. */
export function answerProblems(answers: Answers, known: Known): readonly PlacedProblem[] {
  const names = known.services.map(({ name }) => name);
  return Object.entries(answers).flatMap(([service, probes]): readonly PlacedProblem[] => {
    const entry = known.services.find(({ name }) => name === service);
    if (entry === undefined) {
      const message = unknownName(`service of ${known.system} named`, service, names);
      return [{ path: [service], message, at: 'key' }];
    }
    return Object.entries(probes).flatMap(([probe, list]): readonly PlacedProblem[] => {
      const kind = kindOf(probe, entry, known);
      if (typeof kind === 'string') return [{ path: [service, probe], message: kind, at: 'key' }];
      return list.flatMap((answer, index) =>
        ofKind(answer, kind).map(({ path, ...more }) => ({
          ...more,
          path: [service, probe, index, ...path],
        })),
      );
    });
  });
}

/** Or what is wrong with the name. `health` is what the service's health asks. */
function kindOf(
  probe: string,
  { name, probe: health }: ServiceEntry,
  { kinds, steps }: Known,
): ProbeKindFacts | string {
  const { probeKinds } = kinds;
  const step = steps.find(({ key, service }) => key === probe && service === name);
  const asked = step?.probe ?? (probe === HEALTH_PROBE ? health?.probe : probe);
  if (asked === undefined) return `${name} is no part of health; expected the answers of a probe by its name`;
  return probeKinds.get(asked) ?? unknownName('probe', asked, [...probeKinds.keys(), HEALTH_PROBE]);
}

function ofKind({ state, reason, facts }: Answer, kind: ProbeKindFacts): readonly PlacedProblem[] {
  const wrongFacts = factProblems(kind.facts, facts).map(({ fact, why }) => ({
    path: ['facts', fact],
    message: `${fact} ${why}: no server answers ${kind.name} so`,
  }));
  if (state === 'up' && reason !== undefined) {
    const message = `reason is there although the state is up; expected none: ${kind.name} gives a reason for what is wrong`;
    return [...wrongFacts, { path: ['reason'], message }];
  }
  if (state === 'up' || reason !== undefined) return wrongFacts;
  const message = `the state is ${state} without a reason; expected one: ${kind.name} always says why`;
  return [...wrongFacts, { path: ['state'], message }];
}
