/** Runs the program of an approved plan, once. */
import { type ActionContext, type ActionOutcome, isRefused, type PlanDraft } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { type Env, readEnvironment } from './environment.ts';
import { createOutput, type Output } from './output.ts';
import { type Prepared, prepare } from './plan.ts';
import { openExec, runInContainer } from './run-in-container.ts';
import { type Ended, runInFolder } from './run-in-folder.ts';
import type { CommandSettings } from './settings.ts';

const superseded = nothingWas('run');

export interface Execution {
  readonly target: Target;
  readonly settings: CommandSettings;
  readonly plan: PlanDraft;
  readonly act: () => Promise<void>;
  readonly context: ActionContext;
}

const ALWAYS_GIVEN = ['PATH', 'HOME', 'LANG'];

/** Throws OutcomeUnknown when it was started and nobody can tell how it ended; that can only be in a container. */
export async function executeCommand(env: Env, execution: Execution): Promise<ActionOutcome> {
  const { target, settings, plan, act, context } = execution;
  const began = performance.now();
  const prepared = await prepare(env, target, settings, context);
  if (isRefused(prepared)) return superseded(prepared.refused);
  const differs = planDiffers(plan, prepared.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  const output = createOutput(context.progress);
  const start = await starter(env, execution, prepared, output, began);
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted) return failed(settings.program, 'nothing was run: it was stopped before', '');
  try {
    return outcomeOf(settings.program, await start(), output, performance.now() - began, context);
  } catch (error) {
    if (!isStartError(error)) throw error;
    return failed(settings.program, `nothing was run: ${oneLine(error.message, 160)}`, '');
  }
}

/** All that can be made ready before the act is announced. */
async function starter(
  env: Env,
  { target, context }: Execution,
  { program, argv, place }: Prepared,
  output: Output,
  began: number,
): Promise<() => Promise<Ended>> {
  const names = place.kind === 'folder' ? [...ALWAYS_GIVEN, ...program.environment] : program.environment;
  const given = await readEnvironment(env, names);
  if (place.kind === 'folder') {
    const { file, folder } = place;
    return () => runInFolder({ file, argv, folder, env: given }, output, context.signal);
  }
  const exec = await openExec(target.dockerHost, { id: place.id, argv, env: given }, context, began);
  return () => runInContainer(exec, output, context);
}

/** The system could not start it: the program's file, or a folder on the way, is gone or may not be run. */
function isStartError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && String(error.syscall).startsWith('spawn');
}

function outcomeOf(
  program: string,
  { code, signal, stopped }: Ended,
  output: Output,
  ms: number,
  context: ActionContext,
): ActionOutcome {
  const text = output.text();
  const time = sayDuration(ms);
  if (code === 0) {
    const note = `exit 0 after ${time}`;
    return {
      state: 'succeeded',
      summary: `${program} ended well: ${note}`,
      items: [{ name: program, outcome: 'done', note }],
      output: text,
    };
  }
  const last = output.lastLines();
  const end = signal === null ? `exit ${code}` : `ended by ${signal}`;
  const why = stopped
    ? `stopped after ${time}, ${whyStopped(context)}; what it had done by then stays`
    : `${end} after ${time}`;
  return failed(program, `${program}: ${why}${last === '' ? '' : `: ${last}`}`, text);
}

function whyStopped({ signal, timeoutMs }: ActionContext): string {
  const { reason } = signal;
  if (reason instanceof Error && reason.name === 'TimeoutError')
    return `its time of ${sayDuration(timeoutMs)} was up`;
  return signal.aborted && reason instanceof Error ? oneLine(reason.message, 80) : 'its time was up';
}

function failed(program: string, summary: string, output: string): ActionOutcome {
  const items = [{ name: program, outcome: 'failed' as const, note: oneLine(summary, 160) }];
  return { state: 'failed', summary: oneLine(summary, 800), items, output };
}
