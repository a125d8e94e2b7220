/** What compose.up, compose.down and compose.restart have in common: one project, one verb, two ways. */
import { z } from 'zod';
import { type ListedContainer, listContainers } from '../../clients/docker-container.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  type ItemOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
  type Scope,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import type { Power } from '../docker-power.ts';
import { nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { changeEach } from './engine-way.ts';
import { isOneOff, PROJECT_LABEL, serviceOf } from './order.ts';
import { goneItems, runVerb, strangers } from './program-way.ts';
import { sayStack } from './say-stack.ts';
import { type ComposeDeps, projectSetting, readStack, type Stack, servicesSetting } from './stack.ts';
import { verifyStack } from './verify.ts';

const superseded = nothingWas('done');

const settings = z.strictObject({ project: projectSetting.optional(), services: servicesSetting.optional() });
export type VerbSettings = z.output<typeof settings>;

export interface Verb {
  readonly name: 'up' | 'down' | 'restart';
  /** Through the engine. */
  readonly power: Power;
  /** For the Compose program. */
  readonly args: (services: readonly string[]) => readonly string[];
  /** What exactly, and what people should know; or why there is nothing to do. */
  readonly plan: (
    stack: Stack,
    services: readonly string[],
  ) => { readonly scope: Scope; readonly preview: readonly string[] } | Refused;
  readonly undoReason: string;
}

export function createVerb(deps: ComposeDeps, verb: Verb): ActionKind<VerbSettings> {
  return {
    name: `compose.${verb.name}`,
    contractVersion: 1,
    danger: 'disruptive',
    needs: 'docker',
    settings,
    async plan(target, chosen, context) {
      const looked = await look(deps, verb, target, chosen, context);
      return isRefused(looked) ? looked : looked.draft;
    },
    execute: (target, chosen, plan, act, context) => execute(deps, verb, target, chosen, plan, act, context),
    verify: (target, chosen, plan, context) => verifyStack(verb, target, chosen, plan, context),
  };
}

async function look(
  deps: ComposeDeps,
  verb: Verb,
  target: Target,
  chosen: VerbSettings,
  context: ActionContext,
): Promise<{ readonly stack: Stack; readonly draft: PlanDraft } | Refused> {
  const stack = await readStack(deps, target, chosen, context);
  if (isRefused(stack)) return stack;
  const planned = verb.plan(stack, chosen.services ?? []);
  if (isRefused(planned)) return planned;
  const draft: PlanDraft = {
    identity: stack.identity,
    marker: stack.marker,
    scope: planned.scope,
    preview: [...sayStack(stack), ...planned.preview],
    undo: { kind: 'none', reason: verb.undoReason },
  };
  return { stack, draft };
}

async function execute(
  deps: ComposeDeps,
  verb: Verb,
  target: Target,
  chosen: VerbSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const looked = await look(deps, verb, target, chosen, context);
  if (isRefused(looked)) return superseded(looked.refused);
  const { stack, draft } = looked;
  const differs = [
    ...planDiffers(plan, draft),
    ...(stack.way.kind === 'program' ? strangers(plan, draft) : []),
  ];
  if (differs.length > 0) return superseded(differs.join('; '));
  if (stack.way.kind === 'engine') return changeEach(verb.power, stack, plan, target, act, context);
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted) {
    return { state: 'failed', summary: 'nothing was done: it was stopped before', items: [] };
  }
  const ran = await runVerb(stack.way, verb.args(chosen.services ?? []), deps.env, context);
  const items = ran.started ? await itemsAfter(verb, stack, plan, chosen.services ?? []) : [];
  const good = ran.good && items.every(({ outcome }) => outcome !== 'failed');
  return { state: good ? 'succeeded' : 'failed', summary: ran.says, items, output: ran.output };
}

const AFTERMATH_MS = 5_000;

/** What became of each, read from the engine; nothing when it can't be read: the program's own end is known. */
async function itemsAfter(
  verb: Verb,
  stack: Stack,
  plan: PlanDraft,
  services: readonly string[],
): Promise<readonly ItemOutcome[]> {
  try {
    if (verb.name === 'down') return await goneItems(stack, plan);
    const filters = { label: [`${PROJECT_LABEL}=${stack.project}`] };
    const now = await listContainers(stack.docker, filters, AbortSignal.timeout(AFTERMATH_MS));
    return now
      .filter((one) => !isOneOff(one) && (services.length === 0 || services.includes(serviceOf(one))))
      .map((container) => itemOf(container));
  } catch {
    return [];
  }
}

/** A service that does one thing and ends well (a migration) is as it should be. */
function itemOf({ name, status, says }: ListedContainer): ItemOutcome {
  const isGood = status === 'running' || says.startsWith('Exited (0)');
  return { name, outcome: isGood ? 'done' : 'failed', note: says === '' ? status : says };
}
