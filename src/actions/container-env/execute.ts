/** Puts a new container into the place of the old one, which is stopped, renamed and kept; or puts the old one back. */
import type Docker from 'dockerode';
import { answeredWith } from '../../clients/docker-failure.ts';
import { type ActionContext, type ActionOutcome, isRefused, type PlanDraft } from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { ownGrace } from '../docker-power.ts';
import { settleRunning } from '../docker-settle.ts';
import { nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { type Configuration, configurationWith, hideValues, sameImage } from './configuration.ts';
import { keptName } from './kept-name.ts';
import { type Looked, lookEnv } from './plan.ts';
import { bringBack } from './put-back.ts';
import type { EnvSettings } from './settings.ts';

const superseded = nothingWas('done');

/** Of the time that is left, so much is for the new one to become healthy; the rest may be needed to go back. */
const SETTLE_SHARE = 0.5;

/** Throws OutcomeUnknown when it went wrong and the old container could not be put back: that says where it is. */
export async function executeEnv(
  target: Target,
  settings: EnvSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const began = performance.now();
  const looked = await lookEnv(target, settings, context);
  if (isRefused(looked)) return superseded(looked.refused);
  const differs = planDiffers(plan, looked.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  const { docker, name, old, configuration } = looked;
  const image = await sameImage(docker, configuration, context.signal);
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted) return outcomeOf(name, 'failed', 'nothing was done: it was stopped before');
  try {
    const kept = await setAside(looked, context);
    const id = await makeNew(
      docker,
      name,
      configurationWith(configuration, image, settings.name, settings.value),
      context,
    );
    context.progress(`${name} starts with ${settings.name} changed`);
    await docker.getContainer(id).start({ abortSignal: context.signal });
    const left = context.timeoutMs - (performance.now() - began);
    const settled = await settleRunning(docker, id, Math.max(0, left * SETTLE_SHARE), context.signal);
    if (!settled.good) throw new Error(`the new container is not as it should be: ${settled.says}`);
    const note = `${settings.name} is ${JSON.stringify(settings.value)}; the old container is kept as ${kept}`;
    return outcomeOf(name, 'succeeded', note);
  } catch (error) {
    const why = say(error, configuration);
    try {
      const says = await bringBack({
        docker,
        name,
        oldId: old.id,
        wasRunning: old.running,
        policy: policyOf(configuration),
      });
      return outcomeOf(name, 'failed', `${why}; the old container is back: ${says}`);
    } catch (second) {
      const state = `the old container ${old.id.slice(0, 12)} could not be put back (${say(second, configuration)})`;
      throw new OutcomeUnknown(`${why}; ${state}: rename it to ${name} and start it by hand`, {
        cause: second,
      });
    }
  }
}

export const policyOf = ({
  HostConfig,
}: Configuration): { readonly Name: string; readonly MaximumRetryCount: number } =>
  HostConfig.RestartPolicy ?? { Name: 'no', MaximumRetryCount: 0 };

/** Stopped, renamed, and not to be started by the engine itself when that starts again. */
async function setAside(
  { docker, name, old, configuration }: Looked,
  context: ActionContext,
): Promise<string> {
  const container = docker.getContainer(old.id);
  const abortSignal = context.signal;
  if (old.running)
    await container.stop({ t: ownGrace(old, context.timeoutMs), abortSignal }).catch(unless304);
  if (policyOf(configuration).Name === 'always') {
    await container.update({ RestartPolicy: { Name: 'no' }, abortSignal });
  }
  if (old.name !== name) return old.name;
  const kept = keptName.at(name, new Date());
  await container.rename({ name: kept, abortSignal });
  return kept;
}

/** "Already stopped" (Docker Engine API). */
function unless304(error: unknown): void {
  if (answeredWith(error)?.statusCode !== 304) throw error;
}

async function makeNew(
  docker: Docker,
  name: string,
  { create, connect }: ReturnType<typeof configurationWith>,
  { signal }: ActionContext,
): Promise<string> {
  const { id } = await docker.createContainer({ ...create, name, abortSignal: signal });
  for (const { network, config } of connect) {
    const options = { Container: id, EndpointConfig: config, abortSignal: signal };
    await docker.getNetwork(network).connect(options);
  }
  return id;
}

function say(error: unknown, configuration: Configuration): string {
  const text = answeredWith(error)?.message ?? (error instanceof Error ? error.message : String(error));
  return oneLine(hideValues(text, configuration), 200);
}

function outcomeOf(name: string, state: 'succeeded' | 'failed', note: string): ActionOutcome {
  const outcome = state === 'succeeded' ? 'done' : 'failed';
  return { state, summary: `${name}: ${note}`, items: [{ name, outcome, note }] };
}
