/** An undo is an action like any other: planned from the live target, approved, carried out at most once. */
import { z } from 'zod';
import {
  type ActionContext,
  type ActionKind,
  isRefused,
  type PlanDraft,
  type Refused,
} from '../../domain/action.ts';
import { stepId as stepName } from '../../domain/ids.ts';
import type { Target } from '../../domain/target.ts';
import { readKeptUndo } from '../../journal/executions.ts';
import { readRequests } from '../../journal/requests.ts';
import { readUndo } from '../../journal/undo.ts';
import type { Engine } from '../core/engine.ts';
import { sayTampered } from '../core/tampered.ts';
import { wasPlanned } from './prove.ts';

export const UNDO = 'undo';
const settings = z.strictObject({ step: z.number().int().positive() });
type Settings = z.infer<typeof settings>;

/** The kinds of the table, and the one that the engine itself brings. */
export const allActionKinds = (engine: Engine): ReadonlyMap<string, ActionKind> =>
  new Map([...engine.actionKinds, [UNDO, undoKind(engine)]]);

export function actionKind(engine: Engine, name: string): ActionKind | undefined {
  return name === UNDO ? undoKind(engine) : engine.actionKinds.get(name);
}

function undoKind(engine: Engine): ActionKind<Settings> {
  return {
    name: UNDO,
    contractVersion: 1,
    danger: 'destructive',
    approvalsWithoutUndo: {},
    needs: 'nothing',
    settings,
    plan: (target, { step }, context) => plan(engine, target, step, context),
    async execute(target, { step }, _plan, act, context) {
      const found = await original(engine, step);
      const kept = await readKeptUndo(engine.journal.pool, step);
      if (isRefused(found) || kept === null)
        return { state: 'failed', summary: 'the undo is no longer there', items: [] };
      await act();
      const parts = readUndo(
        engine.journal,
        engine.auditKey,
        kept.executionId,
        engine.settings.auditKeysBefore,
      );
      return found.kind.restore(target, found.settings, parts, context);
    },
  };
}

async function plan(
  engine: Engine,
  target: Target,
  step: number,
  context: ActionContext,
): Promise<PlanDraft | Refused> {
  const found = await original(engine, step);
  if (isRefused(found)) return found;
  const kept = await readKeptUndo(engine.journal.pool, step);
  if (kept === null)
    return { refused: `${stepName(step)} has kept no undo, or it was removed after its time` };
  const now = await found.kind.plan(target, found.settings, context);
  if (isRefused(now)) return now;
  const differs = Object.entries(found.identity).filter(([name, value]) => now.identity[name] !== value);
  return {
    identity: { ...now.identity, undo: kept.digest },
    marker: now.marker,
    scope: {
      kind: 'call',
      does: `bring back what ${stepName(step)} (${found.kind.name}) removed: ${kept.summary}`,
    },
    preview: [
      'What has been written since stays as it is; nothing is overwritten.',
      ...differs.map(
        ([name, value]) => `⚠ ${name} was ${value} then, is ${now.identity[name] ?? '(none)'} now`,
      ),
    ],
    undo: { kind: 'none', reason: 'what comes back can be removed again with a plan of its own' },
  };
}

interface Original {
  readonly kind: ActionKind & Required<Pick<ActionKind, 'restore'>>;
  readonly settings: unknown;
  readonly identity: PlanDraft['identity'];
}

async function original(engine: Engine, step: number): Promise<Original | Refused> {
  const [request] = await readRequests(engine.journal.pool, [step]);
  if (request === undefined) return { refused: `there is no plan ${stepName(step)}` };
  if (!(await wasPlanned(engine, engine.journal.pool, request)))
    return { refused: sayTampered(`the plan of ${stepName(step)} is not the one that was shown`) };
  const kind = engine.actionKinds.get(request.plan.action);
  if (kind?.restore === undefined) return { refused: `${request.plan.action} can’t be undone` };
  const read = kind.settings.safeParse(request.plan.settings);
  if (!read.success) return { refused: `the settings of ${stepName(step)} are no longer valid` };
  return { kind: { ...kind, restore: kind.restore }, settings: read.data, identity: request.plan.identity };
}
