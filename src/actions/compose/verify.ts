/** After a verb on a Compose project: does everything run and is it healthy, or is it stopped or gone? */
import { openDocker } from '../../clients/docker.ts';
import { listContainers, readContainer } from '../../clients/docker-container.ts';
import type { ActionContext, PlanDraft } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { type Settled, sayState, settleRunning } from '../docker-settle.ts';
import { sayCount } from '../say-size.ts';
import { isOneOff, PROJECT_LABEL, serviceOf } from './order.ts';
import type { ComposeSettings } from './stack.ts';

/** Of the time for the check, so much may be waited; what is left is for the engine's answers. */
const SETTLE_SHARE = 0.8;

export async function verifyStack(
  verb: { readonly name: 'up' | 'down' | 'restart' },
  target: Target,
  { services }: ComposeSettings,
  plan: PlanDraft,
  { signal, timeoutMs }: ActionContext,
): Promise<Settled> {
  const docker = openDocker(target.dockerHost, { timeoutMs });
  const project = String(plan.identity.project);
  const all = await listContainers(docker, { label: [`${PROJECT_LABEL}=${project}`] }, signal);
  const ofVerb = all.filter(
    (one) => !isOneOff(one) && (services === undefined || services.includes(serviceOf(one))),
  );
  if (verb.name === 'down') {
    const running = ofVerb.filter(({ status }) => status === 'running').map(({ name }) => name);
    if (running.length > 0) return { good: false, says: `still running: ${running.join(', ')}` };
    return { good: true, says: `no container of ${project} runs` };
  }
  const approved = plan.scope.kind === 'items' ? new Set(plan.scope.items.map(({ id }) => id)) : null;
  const wanted = ofVerb.filter(({ id }) => approved === null || approved.has(`container:${id}`));
  if (wanted.length === 0) return { good: false, says: `there is no container of ${project}` };
  const found = await Promise.all(
    wanted.map(async ({ id }): Promise<Settled> => {
      const now = await readContainer(docker, id, signal);
      // One that does a single thing and ends well (a migration) is as it should be.
      if (now?.status === 'exited' && now.exitCode === 0) return { good: true, says: sayState(now) };
      return settleRunning(docker, id, timeoutMs * SETTLE_SHARE, signal);
    }),
  );
  const bad = found.filter(({ good }) => !good);
  if (bad.length > 0) return { good: false, says: bad.map(({ says }) => says).join('; ') };
  return { good: true, says: `${sayCount(found.length, 'container')} of ${project} as they should be` };
}
