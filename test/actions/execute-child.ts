/**
 * Executes a plan in a process of its own, which a test kills. Writes one line when it has announced the act, then
 * waits for ever (`hold`) or goes on; and one line with the outcome.
 */
import { createActionKinds } from '../../src/actions/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { context } from './fixtures.ts';

export interface ChildWork {
  readonly action: string;
  readonly target: Target;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly plan: PlanDraft;
  readonly hold: boolean;
}

const work = JSON.parse(process.argv[2] ?? '') as ChildWork;
const kind = createActionKinds({ undoMaxBytes: 1024 }).get(work.action);
if (kind === undefined) throw new Error(`no action ${work.action}`);
const act = async (): Promise<void> => {
  process.stdout.write('act\n');
  if (work.hold) await new Promise((resolve) => setTimeout(resolve, 60_000));
};
const outcome = await kind.execute(
  work.target,
  kind.settings.parse(work.settings),
  work.plan,
  act,
  context(),
);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
