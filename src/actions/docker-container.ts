/** What docker.restart, docker.start and docker.stop have in common: one container, looked at, changed by its id. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { openDocker } from '../clients/docker.ts';
import { type Container, readContainer } from '../clients/docker-container.ts';
import { answeredWith } from '../clients/docker-failure.ts';
import { neverSent } from '../clients/never-sent.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
} from '../domain/action.ts';
import { parseDuration, sayDuration } from '../domain/duration.ts';
import { OutcomeUnknown } from '../domain/outcome-unknown.ts';
import type { Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { MARKER_LABEL, whyUntouchable } from './docker-guard.ts';
import { checkStopped, type Settled, sayState, settleRunning } from './docker-settle.ts';
import { planDiffers } from './plan-differs.ts';

/** `grace`: how long its programs may take to end before they are killed; left out, as the container itself says. */
const settings = z.strictObject({
  grace: z
    .string()
    .regex(/^\d{1,4}(s|m)$/u, 'expected a time such as 30s or 2m')
    .optional(),
});
export type PowerSettings = z.output<typeof settings>;

export interface Power {
  readonly name: string;
  /** `restarted`, for people. */
  readonly done: string;
  /** Whether it runs afterwards. */
  readonly runs: boolean;
  /** Why there is nothing to do, or null. */
  readonly already: (container: Container) => string | null;
  /** What will happen, for people. */
  readonly preview: (container: Container) => string;
  /** The one call that changes it; `t`: seconds of grace. */
  readonly call: (
    container: Docker.Container,
    options: { t: number; abortSignal: AbortSignal },
  ) => Promise<unknown>;
  /** When the answer was lost: did it happen all the same? */
  readonly happened: (before: Container, now: Container) => boolean;
}

/** The engine's own when a container doesn't say (Docker Engine API, `StopTimeout`). */
const DEFAULT_GRACE_S = 10;
/** Of an action's time, at most so much goes to the grace; the rest is for the engine's answer. */
const GRACE_SHARE = 0.7;
const AFTERMATH_MS = 3_000;
const UNDO_REASON = 'what is in memory is gone with the process; files and volumes stay as they are';

interface Looked {
  readonly docker: Docker;
  readonly container: Container;
  readonly draft: PlanDraft;
  readonly graceSeconds: number;
}

export function createPower(power: Power): ActionKind<PowerSettings> {
  return {
    name: power.name,
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
  const most = Math.max(0, Math.floor((context.timeoutMs * GRACE_SHARE) / 1000));
  const asked = chosen.grace === undefined ? null : (parseDuration(chosen.grace) ?? 0) / 1000;
  if (asked !== null && asked > most) {
    const time = sayDuration(context.timeoutMs);
    return { refused: `a grace of ${chosen.grace} doesn't fit into the step's ${time}: raise its timeout` };
  }
  const own = container.stopSeconds ?? DEFAULT_GRACE_S;
  const graceSeconds = asked ?? Math.min(own < 0 ? most : own, most);
  return { docker, container, graceSeconds, draft: draftOf(power, container, graceSeconds) };
}

function draftOf(power: Power, container: Container, graceSeconds: number): PlanDraft {
  const { id, name, labels } = container;
  const already = power.already(container);
  return {
    identity: { container: name, container_id: id, image: container.image },
    marker: labels[MARKER_LABEL] ?? null,
    scope: { kind: 'items', items: [{ id, name, note: `${sayState(container)} · ${container.imageName}` }] },
    preview: [
      already === null ? power.preview(container) : `${already}: nothing will be changed`,
      `container ${name} (${id.slice(0, 12)}), image ${container.imageName} (${container.image.slice(0, 19)})`,
      ...(container.running && power.name !== 'docker.start'
        ? [`its programs have ${graceSeconds} s to end, then they are killed`]
        : []),
    ],
    undo: { kind: 'none', reason: UNDO_REASON },
  };
}

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
  const differs = planDiffers(plan, looked.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  const already = power.already(looked.container);
  if (already !== null) return outcome(looked.container, 'succeeded', already);
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted)
    return outcome(looked.container, 'failed', 'nothing was done: it was stopped before');
  return change(power, looked, context);
}

async function change(power: Power, { docker, container, graceSeconds }: Looked, { signal }: ActionContext) {
  try {
    await power.call(docker.getContainer(container.id), { t: graceSeconds, abortSignal: signal });
    return outcome(container, 'succeeded', power.done);
  } catch (error) {
    const now = await aftermath(docker, container.id);
    const answer = answeredWith(error);
    const state = now === null ? '' : `; now ${sayState(now)}`;
    // 304: somebody was faster, and it is so already.
    if (answer?.statusCode === 304) return outcome(container, 'succeeded', `was ${power.done} already`);
    if (answer !== null) {
      return outcome(container, 'failed', `the engine says: ${oneLine(answer.message, 160)}${state}`);
    }
    if (neverSent(error))
      return outcome(container, 'failed', 'nothing was done: the engine could not be reached');
    if (now !== null && power.happened(container, now)) {
      return outcome(container, 'succeeded', `${power.done} (the answer was lost)`);
    }
    const why = oneLine(error instanceof Error ? error.message : String(error), 120);
    throw new OutcomeUnknown(`whether ${container.name} is ${power.done} is not known (${why})${state}`, {
      cause: error,
    });
  }
}

async function aftermath(docker: Docker, id: string): Promise<Container | null> {
  return readContainer(docker, id, AbortSignal.timeout(AFTERMATH_MS)).catch(() => null);
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
  return settleRunning(docker, id, timeoutMs * 0.8, signal);
}

function outcome(container: Container, state: 'succeeded' | 'failed', note: string): ActionOutcome {
  const { name } = container;
  const done = state === 'succeeded' ? 'done' : 'failed';
  return { state, summary: `${name}: ${note}`, items: [{ name, outcome: done, note }] };
}

function superseded(why: string): ActionOutcome {
  return { state: 'superseded', summary: `nothing was done: ${why}` };
}
