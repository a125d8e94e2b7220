/** With the Compose program: one call of it for an approved plan, and what became of each thing afterwards. */
import { listContainers } from '../../clients/docker-container.ts';
import { listNetworks } from '../../clients/docker-network.ts';
import type { ActionContext, ItemOutcome, PlanDraft } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import { oneLine } from '../../domain/text.ts';
import type { Env } from '../command/environment.ts';
import { createOutput } from '../command/output.ts';
import { PROJECT_LABEL } from './order.ts';
import { runCompose } from './program.ts';
import { containerItem, networkItem } from './say-stack.ts';
import type { Stack, Way } from './stack.ts';

/** Milliseconds to look what has become of the project, after its time was up. */
const AFTERMATH_MS = 5_000;

export interface Ran {
  readonly good: boolean;
  /** `docker-compose down ended well after 3 s`. */
  readonly says: string;
  readonly output: string;
  /** Whether it could be started at all: if not, nothing was done. */
  readonly started: boolean;
}

export async function runVerb(
  way: Extract<Way, { kind: 'program' }>,
  args: readonly string[],
  env: Env,
  context: ActionContext,
): Promise<Ran> {
  const output = createOutput(context.progress);
  const what = `${way.program.argv.join(' ')} ${args.join(' ')}`;
  const began = performance.now();
  try {
    const { code, signal, stopped } = await runCompose(
      way.program,
      way.file,
      args,
      env,
      output,
      context.signal,
    );
    const time = sayDuration(performance.now() - began);
    if (code === 0)
      return { good: true, started: true, says: `${what} ended well after ${time}`, output: output.text() };
    const end = stopped
      ? 'was stopped'
      : signal === null
        ? `ended with exit ${code}`
        : `was ended by ${signal}`;
    const last = output.lastLines();
    const says = `${what} ${end} after ${time}${last === '' ? '' : `: ${last}`}`;
    return { good: false, started: true, says: oneLine(says, 700), output: output.text() };
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error), 160);
    return {
      good: false,
      started: false,
      says: `nothing was done: ${what} could not be started (${why})`,
      output: '',
    };
  }
}

/** What the approved plan does not name: the program would take it too. */
export function strangers(approved: PlanDraft, now: PlanDraft): readonly string[] {
  if (approved.scope.kind !== 'items' || now.scope.kind !== 'items') return [];
  const known = new Set(approved.scope.items.map(({ id }) => id));
  return now.scope.items
    .filter(({ id }) => !known.has(id))
    .map(({ name }) => `${name} is new since the plan`);
}

/** Ids of what is still there, as in a plan's scope. */
export async function idsNow({ docker, project }: Stack): Promise<ReadonlySet<string>> {
  const signal = AbortSignal.timeout(AFTERMATH_MS);
  const filters = { label: [`${PROJECT_LABEL}=${project}`] };
  const [containers, networks] = await Promise.all([
    listContainers(docker, filters, signal),
    listNetworks(docker, filters, signal),
  ]);
  return new Set([...containers.map(containerItem), ...networks.map(networkItem)].map(({ id }) => id));
}

/** Of what should have gone: is it gone? */
export async function goneItems(stack: Stack, plan: PlanDraft): Promise<readonly ItemOutcome[]> {
  const there = await idsNow(stack);
  const items = plan.scope.kind === 'items' ? plan.scope.items : [];
  return items
    .filter(({ id }) => !id.startsWith('volume:'))
    .map(({ id, name }) =>
      there.has(id)
        ? { name, outcome: 'failed', note: 'still there' }
        : { name, outcome: 'done', note: 'removed' },
    );
}
