/** What a reset would take, each by a name or id that never means another thing later. Only reads. */
import type Docker from 'dockerode';
import type { ActionContext, PlanDraft, Refused, ScopeItem } from '../../domain/action.ts';
import { isRefused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { PROJECT_LABEL } from '../compose/order.ts';
import { containerItem, networkItem, sayItems, sayMonitoring, sayStack } from '../compose/say-stack.ts';
import { type ComposeDeps, type ComposeSettings, readStack, type Stack, type Way } from '../compose/stack.ts';
import { isSandbox } from '../docker-guard.ts';
import { sayAge, sayBytes, sayCount } from '../say-size.ts';
import { listVolumes, type Volume, volumeSizes } from '../volumes-remove/engine.ts';
import { volumeScopeId } from './volume-identity.ts';

/** The engine's own name for a volume that nobody named. */
const ANONYMOUS = /^[0-9a-f]{64}$/u;

export interface Reset {
  readonly stack: Stack;
  readonly way: Extract<Way, { kind: 'program' }>;
  readonly draft: PlanDraft;
}

/** Refuses without the Compose program and file: what is removed could not be started again. */
export async function lookReset(
  deps: ComposeDeps,
  target: Target,
  settings: ComposeSettings,
  context: ActionContext,
): Promise<Reset | Refused> {
  const stack = await readStack(deps, target, settings, context);
  if (isRefused(stack)) return stack;
  const { way, docker, project } = stack;
  if (way.kind === 'engine') {
    return {
      refused: `without the Compose program and the project's file nothing could be started again: ${way.because}`,
    };
  }
  const volumes = await volumesOf(docker, stack, context.signal);
  const refused = volumes.flatMap((volume) => whyNot(volume, target, context) ?? [])[0];
  if (refused !== undefined) return { refused };
  const sizes = await volumeSizes(docker, context.timeoutMs / 2, context.signal);
  const items = [
    ...stack.containers.map(containerItem),
    ...stack.networks.map(networkItem),
    ...volumes.map((volume) => volumeItem(volume, stack.containers, sizes.get(volume.name))),
  ];
  if (items.length === 0) return { refused: `nothing of the project ${project} is there to reset` };
  const known = volumes.flatMap(({ name }) => sizes.get(name) ?? []);
  const total = sayBytes(known.reduce((sum, size) => sum + size, 0));
  const unknown = volumes.length - known.length;
  const draft: PlanDraft = {
    identity: stack.identity,
    marker: stack.marker,
    scope: { kind: 'items', items },
    preview: [
      ...sayStack(stack),
      'stopped and removed, with all data in the volumes:',
      ...sayItems(items),
      `total: ${sayCount(volumes.length, 'volume')}, ${total}${unknown > 0 ? ` and ${unknown} of unknown size` : ''}`,
      ...sayMonitoring(
        stack.containers,
        'until it is started again, and its history is gone if a volume above holds it',
      ),
    ],
    undo: { kind: 'none', reason: "a removed volume can't be brought back: make a backup first" },
  };
  return { stack, way, draft };
}

/** The project's by label, and those without a name that its containers alone have. */
async function volumesOf(docker: Docker, stack: Stack, signal: AbortSignal): Promise<readonly Volume[]> {
  const all = await listVolumes(docker, {}, signal);
  const mounted = new Set(stack.containers.flatMap(({ volumes }) => volumes));
  return all
    .filter(
      ({ name, labels }) =>
        labels[PROJECT_LABEL] === stack.project || (ANONYMOUS.test(name) && mounted.has(name)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One volume that can't go refuses the whole: half a reset helps nobody. */
function whyNot({ name, createdAt, labels }: Volume, target: Target, { self }: ActionContext): string | null {
  const shown = oneLine(name, 80);
  if (self.volumes.includes(name))
    return `the volume ${shown} holds the bot's own data: it is never removed from here`;
  if (target.sandboxOnly && !isSandbox(labels)) return `the volume ${shown} is not labelled as the sandbox's`;
  if (!createdAt) return `the volume ${shown} has no creation time, so it could not be recognised again`;
  return null;
}

function volumeItem(volume: Volume, containers: Stack['containers'], bytes: number | undefined): ScopeItem {
  const madeAt = Date.parse(volume.createdAt ?? '');
  const made = Number.isNaN(madeAt) ? 'made at an unknown time' : `made ${sayAge(Date.now() - madeAt)} ago`;
  return {
    id: volumeScopeId(volume, containers),
    name: `volume ${volume.name}`,
    note: `${bytes === undefined ? 'size unknown' : sayBytes(bytes)} · ${made}`,
  };
}
