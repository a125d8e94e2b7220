/** What running a program would be: where, which file, which arguments. Only reads. */
import { type ActionContext, isRefused, type PlanDraft, type Refused } from '../../domain/action.ts';
import type { Program, Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { tooLong } from '../places.ts';
import { checkProgram, fillArguments, findProgram } from './arguments.ts';
import { inspectContainer } from './container.ts';
import { type Env, readEnvironment } from './environment.ts';
import { inspectFolder } from './folder.ts';
import type { Place } from './place.ts';
import type { CommandSettings } from './settings.ts';

export interface Prepared {
  readonly program: Program;
  readonly argv: readonly string[];
  readonly place: Place;
  readonly draft: PlanDraft;
}

export async function planCommand(
  env: Env,
  target: Target,
  settings: CommandSettings,
  context: ActionContext,
): Promise<PlanDraft | Refused> {
  const prepared = await prepare(env, target, settings, context);
  return isRefused(prepared) ? prepared : prepared.draft;
}

/** The plan with what is needed to carry it out. */
export async function prepare(
  env: Env,
  target: Target,
  settings: CommandSettings,
  context: ActionContext,
): Promise<Prepared | Refused> {
  context.signal.throwIfAborted();
  const program = findProgram(target.declared, settings.program);
  const [problem] = checkProgram(target.declared, settings);
  if (problem !== undefined || program === null) return { refused: problem?.message ?? 'no such program' };
  if (program.missing.length > 0) {
    return { refused: `${settings.program} is not configured: set ${program.missing.join(', ')}` };
  }
  const argv = fillArguments(program, settings.with);
  const place = await placeOf(env, target, program, argv, context);
  if (isRefused(place)) return place;
  const does = `${JSON.stringify(argv)} in ${place.name}`;
  const long = tooLong(does);
  if (long !== null) return { refused: `${settings.program} can't be planned: ${long}` };
  const given = Object.keys(await readEnvironment(env, program.environment));
  const draft = draftOf(program, place, does, given, context.timeoutMs);
  return { program, argv, place, draft };
}

function placeOf(
  env: Env,
  target: Target,
  program: Program,
  argv: readonly string[],
  context: ActionContext,
): Promise<Place | Refused> {
  const { where } = program;
  if ('container' in where) return inspectContainer(target, where.container, argv, context);
  if (target.sandboxOnly) {
    const refused = 'local mode only changes the sandbox, and a folder of this machine is none of it';
    return Promise.resolve({ refused });
  }
  return inspectFolder(where.folder, argv, env, context.signal);
}

function draftOf(
  program: Program,
  place: Place,
  does: string,
  given: readonly string[],
  timeoutMs: number,
): PlanDraft {
  const lacks = program.environment.filter((name) => !given.includes(name));
  return {
    identity: { ...place.identity, variables: given.join(', ') || null },
    marker: place.marker,
    scope: { kind: 'call', does },
    preview: [
      oneLine(program.says),
      ...place.preview,
      ...(given.length > 0 ? [`it is given ${given.join(', ')} (values not shown)`] : []),
      ...(lacks.length > 0 ? [`not set here, so not given: ${lacks.join(', ')}`] : []),
      `it is stopped after ${Math.round(timeoutMs / 1000)} s`,
    ],
    undo: { kind: 'none', reason: 'what a program has done can only be undone by another one' },
  };
}
