/** Who asks for a step: the one place where a terminal's user becomes the person that org.yaml says they are. */
import { isTerminalAsker, type Origin, originOf, osUserOf } from '../../domain/person.ts';
import type { RunRow } from '../../journal/runs.ts';
import type { Engine } from '../core/engine.ts';

export interface Asker {
  /** A Slack user id, `alert`, or `cli:NAME` of a user whom nobody has named. */
  readonly id: string;
  readonly origin: Origin;
  /** Nobody in particular: any one approver could be the same human. */
  readonly isNobody: boolean;
}

/** By the bot's own org.yaml; somebody who is no member now is nobody in particular either. */
export async function askerOf(engine: Engine, run: Pick<RunRow, 'askedBy'>): Promise<Asker> {
  const { askedBy } = run;
  const origin = originOf(askedBy);
  if (!isTerminalAsker(askedBy)) return { id: askedBy, origin, isNobody: false };
  const person = engine.catalog.organisation.terminal?.[osUserOf(askedBy)];
  const isKnown = person !== undefined && (await engine.directory.person(person)) === 'member';
  return isKnown ? { id: person, origin, isNobody: false } : { id: askedBy, origin, isNobody: true };
}
