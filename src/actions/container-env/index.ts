/** container.env: sets one variable of a service, in a new container beside the old one, which is kept. */
import { openDocker } from '../../clients/docker.ts';
import { readContainer } from '../../clients/docker-container.ts';
import { type ActionContext, type ActionKind, isRefused, type PlanDraft } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { type Settled, settleRunning } from '../docker-settle.ts';
import { readConfiguration, variableOf } from './configuration.ts';
import { executeEnv } from './execute.ts';
import { lookEnv } from './plan.ts';
import { type EnvSettings, envSettings } from './settings.ts';
import { makeEnvUndo, restoreEnv } from './undo.ts';

const SETTLE_SHARE = 0.8;

export function createContainerEnv(): ActionKind<EnvSettings> {
  return {
    name: 'container.env',
    contractVersion: 1,
    danger: 'disruptive',
    needs: 'container',
    settings: envSettings,
    async plan(target, settings, context) {
      const looked = await lookEnv(target, settings, context);
      return isRefused(looked) ? looked : looked.draft;
    },
    makeUndo: (target, settings, _plan, undo, context) => makeEnvUndo(target, settings, undo, context),
    restore: (target, _settings, undo, context) => restoreEnv(target, undo, context),
    execute: executeEnv,
    verify: verifyEnv,
  };
}

async function verifyEnv(
  target: Target,
  { name, value }: EnvSettings,
  plan: PlanDraft,
  { signal, timeoutMs }: ActionContext,
): Promise<Settled> {
  const docker = openDocker(target.dockerHost, { timeoutMs });
  const now = target.container === null ? null : await readContainer(docker, target.container, signal);
  if (now === null || now.id === plan.identity.container_id) {
    return { good: false, says: `${target.service} has no new container` };
  }
  if (variableOf(await readConfiguration(docker, now.id, signal), name) !== value) {
    return { good: false, says: `${name} has another value in ${now.name}` };
  }
  return settleRunning(docker, now.id, timeoutMs * SETTLE_SHARE, signal);
}
