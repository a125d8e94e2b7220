/** What docker.restart, docker.start and docker.stop have in common: the one container of a service. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { openDocker } from '../clients/docker.ts';
import { type Container, readContainer } from '../clients/docker-container.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  type ItemOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
} from '../domain/action.ts';
import { parseDuration, sayDuration } from '../domain/duration.ts';
import type { Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { MARKER_LABEL, whyUntouchable } from './docker-guard.ts';
import { changeContainer, mostGrace, ownGrace, type Power } from './docker-power.ts';
import { checkStopped, type Settled, sayState, settleRunning } from './docker-settle.ts';
import { nothingWas } from './outcomes.ts';
import { planDiffers } from './plan-differs.ts';

const superseded = nothingWas('done');

/** `grace`: how long its programs may take to end before they are killed; left out, as the container itself says. */
const settings = z.strictObject({
  grace: z
    .string()
    .regex(/^\d{1,4}(s|m)$/u, 'expected a time such as 30s or 2m')
    .optional(),
});
export type PowerSettings = z.output<typeof settings>;

/** Of the time for the check, so much may be waited; what is left is for the engine's answers. */
const SETTLE_SHARE = 0.8;
const UNDO_REASON = 'what is in memory is gone with the process; files and volumes stay as they are';

interface Looked {
  readonly docker: Docker;
  readonly container: Container;
  readonly draft: PlanDraft;
  readonly graceSeconds: number;
}

export function createPower(power: Power): ActionKind<PowerSettings> {
  return {
    name: `docker.${power.verb}`,
    contractVersion: 1,
    danger: 'disruptive',
    needs: 'container',
    settings,
    async plan(target, chosen, context) {
      const looked = await look(power, target, chosen, context);
      return isRefused(looked) ? looked : looked.draft;
    },
    execute: (target, chosen, plan, act, context) => execute(power, target, chosen, plan, act, context),
    verify: (target, _chosen, plan, context) => verify(power, target, plan, context),
  };
}

/** Only reads. Refuses with a reason for a person; throws when the engine can't be reached. */
async function look(
  power: Power,
  target: Target,
  chosen: PowerSettings,
  context: ActionContext,
): Promise<Looked | Refused> {
  context.signal.throwIfAborted();
  if (target.container === null) return { refused: `${target.service} has no container in the catalog` };
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const container = await readContainer(docker, target.container, context.signal);
  if (container === null) return { refused: `there is no container ${oneLine(target.container, 80)}` };
  const untouchable = whyUntouchable(container, target, context.self);
  if (untouchable !== null) return { refused: untouchable };
  const asked = chosen.grace === undefined ? null : (parseDuration(chosen.grace) ?? 0) / 1000;
  if (asked !== null && asked > mostGrace(context.timeoutMs)) {
    const time = sayDuration(context.timeoutMs);
    return { refused: `a grace of ${chosen.grace} doesn't fit into the step's ${time}: raise its timeout` };
  }
  const graceSeconds = asked ?? ownGrace(container, context.timeoutMs);
  return { docker, container, graceSeconds, draft: draftOf(power, container, graceSeconds) };
}

function draftOf(power: Power, container: Container, graceSeconds: number): PlanDraft {
  const { id, name, labels } = container;
  const already = power.already(container);
  const isEnded = container.running && power.verb !== 'start';
  return {
    identity: { container: name, container_id: id, image: container.image },
    marker: labels[MARKER_LABEL] ?? null,
    scope: { kind: 'items', items: [{ id, name, note: `${sayState(container)} · ${container.imageName}` }] },
    preview: [
      already === null ? power.preview(container) : `${name} ${already}: nothing will be changed`,
      `container ${name} (${id.slice(0, 12)}), image ${container.imageName} (${container.image.slice(0, 19)})`,
      ...(isEnded ? [`its programs have ${graceSeconds} s to end, then they are killed`] : []),
    ],
    undo: { kind: 'none', reason: UNDO_REASON },
  };
}

/** Throws OutcomeUnknown when the call may have been carried out and nobody can tell. */
async function execute(
  power: Power,
  target: Target,
  chosen: PowerSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const looked = await look(power, target, chosen, context);
  if (isRefused(looked)) return superseded(looked.refused);
  const { docker, container, graceSeconds, draft } = looked;
  const differs = planDiffers(plan, draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  const already = power.already(container);
  if (already !== null) return outcomeOf(container, { outcome: 'done', note: already });
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted) {
    return outcomeOf(container, { outcome: 'failed', note: 'nothing was done: it was stopped before' });
  }
  return outcomeOf(container, await changeContainer(power, docker, container, graceSeconds, context.signal));
}

async function verify(
  power: Power,
  target: Target,
  plan: PlanDraft,
  { signal, timeoutMs }: ActionContext,
): Promise<Settled> {
  const docker = openDocker(target.dockerHost, { timeoutMs });
  const id = String(plan.identity.container_id);
  if (!power.runs) return checkStopped(docker, id, signal);
  return settleRunning(docker, id, timeoutMs * SETTLE_SHARE, signal);
}

function outcomeOf({ name }: Container, found: Omit<ItemOutcome, 'name'>): ActionOutcome {
  const state = found.outcome === 'done' ? 'succeeded' : 'failed';
  return { state, summary: `${name}: ${found.note}`, items: [{ name, ...found }] };
}
