/** The plan of a resolved step, from its live target: the one planner, of the engine, of an execution, of a dry run. */
import {
  type ActionContext,
  type ActionKind,
  isRefused,
  type Plan,
  type Refused,
} from '../../domain/action.ts';
import { quorumOf } from '../../domain/quorum.ts';
import type { ResolvedAction } from '../../domain/resolve-step.ts';
import type { Engine } from '../core/engine.ts';

/** What a planner stands on: who the bot is, so that it harms nothing of its own, and what is never to be shown. */
export type Planner = Pick<Engine, 'self' | 'redact'>;

/** Reads only. A refusal is a value, with the reason for a person; a target that can't be reached is one too. */
export async function planResolved(
  planner: Planner,
  system: string,
  { step, kind, entry, danger, problems }: ResolvedAction<ActionKind>,
): Promise<Plan | Refused> {
  if (entry === null) return { refused: `the catalog has no service ${system}/${step.service}` };
  if (entry.notConfigured !== null)
    return { refused: `${step.service} is not configured: ${entry.notConfigured}` };
  if (kind === null) return { refused: `there is no action ${step.action}` };
  const settings = kind.settings.safeParse(step.settings);
  if (!settings.success)
    return { refused: `the settings of ${step.action} are not valid: ${problems[0]?.message ?? ''}` };
  const { environment } = entry.target;
  try {
    const draft = await kind.plan(entry.target, settings.data, actionContext(planner, step.timeoutMs));
    if (isRefused(draft)) return planner.redact(draft);
    if (draft.marker !== null && draft.marker !== environment) {
      return {
        refused: `the target says it is ${draft.marker}, the catalog says ${environment}: nothing is done until they agree`,
      };
    }
    return planner.redact({
      ...draft,
      action: kind.name,
      contractVersion: kind.contractVersion,
      system,
      service: step.service,
      environment,
      danger,
      settings: step.settings,
      sharedWith: entry.sharedWith,
      approvers: entry.approvers ?? [],
      quorum: quorumOf(kind, step, draft.undo, environment),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refused: planner.redact(`${system}/${step.service} can’t be reached: ${why}`) };
  }
}

/** Not ended by a shutdown: what is under way is let finish, within its own timeout. */
export function actionContext(
  { self }: Pick<Engine, 'self'>,
  timeoutMs: number,
  more: { readonly stop?: AbortSignal; readonly progress?: (line: string) => void } = {},
): ActionContext {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = more.stop === undefined ? late : AbortSignal.any([late, more.stop]);
  return { signal, timeoutMs, self, progress: more.progress ?? (() => undefined) };
}
