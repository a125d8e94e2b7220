/** Which stopped containers, unused networks and nameless images would go. Only reads. */
import type Docker from 'dockerode';
import { openDocker } from '../../clients/docker.ts';
import { type ListedContainer, listContainers } from '../../clients/docker-container.ts';
import { answeredWith } from '../../clients/docker-failure.ts';
import { type Image, listDangling } from '../../clients/docker-image.ts';
import { listNetworks, type Network } from '../../clients/docker-network.ts';
import {
  type ActionContext,
  isRefused,
  type PlanDraft,
  type Refused,
  type ScopeItem,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayAge, sayBytes, sayCount } from '../say-size.ts';
import { readEngine } from '../volumes-remove/engine.ts';
import { engineMarker } from '../volumes-remove/guard.ts';
import {
  isPrunable,
  isStopped,
  KEPT_BECAUSE,
  type Kept,
  whyKeptContainer,
  whyKeptImage,
  whyKeptNetwork,
} from './guard.ts';

const NAMES_SHOWN = 8;

export async function planPrune(target: Target, context: ActionContext): Promise<PlanDraft | Refused> {
  const { signal } = context;
  signal.throwIfAborted();
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  try {
    const engine = await readEngine(docker, signal);
    const marked = engineMarker(engine, target);
    if (isRefused(marked)) return marked;
    const { items, kept, bytes } = await sortOut(docker, target, context);
    const name = oneLine(engine.name, 60);
    if (items.length === 0) {
      return { refused: `nothing to prune on ${name}${kept.length === 0 ? '' : `: ${kept.join('; ')}`}` };
    }
    return {
      identity: { engine_id: engine.id, engine_name: engine.name },
      marker: marked.marker,
      scope: { kind: 'items', items },
      preview: [
        `engine ${name}: each of these is removed by its id, and nothing else`,
        ...items.map((item) => `${item.name} · ${item.note}`),
        `total: ${sayCount(items.length, 'thing')}, images of up to ${sayBytes(bytes)} (layers may be shared)`,
        ...kept,
        'no volume is touched: that is volumes.remove',
      ],
      undo: { kind: 'none', reason: "a removed container, network or image can't be brought back" },
    };
  } catch (error) {
    signal.throwIfAborted();
    const answer = answeredWith(error);
    if (answer !== null) return { refused: `the engine refused: ${oneLine(answer.message)}` };
    throw error;
  }
}

interface Sorted {
  readonly items: readonly ScopeItem[];
  /** One line for each reason to keep some. */
  readonly kept: readonly string[];
  readonly bytes: number;
}

async function sortOut(docker: Docker, target: Target, { self, signal }: ActionContext): Promise<Sorted> {
  const [containers, networks, images] = await Promise.all([
    listContainers(docker, {}, signal),
    listNetworks(docker, {}, signal),
    listDangling(docker, signal),
  ]);
  const kept = new Map<Kept, string[]>();
  const goes = <T>(one: T, why: Kept | null, name: string): readonly T[] => {
    if (why === null) return [one];
    kept.set(why, [...(kept.get(why) ?? []), oneLine(name, 60)]);
    return [];
  };
  const gone = containers
    .filter(isStopped)
    .flatMap((one) => goes(one, whyKeptContainer(one, target, self), `container ${one.name}`));
  const stay = containers.filter((one) => !gone.includes(one));
  const usedNetworks = new Set(stay.flatMap((one) => one.networks));
  const usedImages = new Set(stay.map(({ image }) => image));
  const unused = networks
    .filter((one) => isPrunable(one) && !usedNetworks.has(one.id) && !usedNetworks.has(one.name))
    .flatMap((one) => goes(one, whyKeptNetwork(one, target), `network ${one.name}`));
  const nameless = images
    .filter(({ id }) => !usedImages.has(id))
    .flatMap((one) => goes(one, whyKeptImage(one, target), shortImage(one)));
  return {
    items: [...gone.map(containerItem), ...unused.map(networkItem), ...nameless.map(imageItem)],
    kept: [...kept].map(([why, names]) => sayKept(why, names)),
    bytes: nameless.reduce((sum, one) => sum + one.bytes, 0),
  };
}

const shortImage = ({ id }: Image): string => `image ${id.replace('sha256:', '').slice(0, 12)}`;
const made = (at: number): string => `made ${sayAge(Date.now() - at)} ago`;

const containerItem = ({ id, name, status, imageName, createdAt }: ListedContainer): ScopeItem => ({
  id: `container:${id}`,
  name: `container ${name}`,
  note: `${status} · ${oneLine(imageName, 80)} · ${made(createdAt)}`,
});

const networkItem = ({ id, name, driver, createdAt }: Network): ScopeItem => {
  const at = Date.parse(createdAt);
  return {
    id: `network:${id}`,
    name: `network ${name}`,
    note: Number.isNaN(at) ? driver : `${driver} · ${made(at)}`,
  };
};

const imageItem = (image: Image): ScopeItem => ({
  id: `image:${image.id}`,
  name: shortImage(image),
  note: `${sayBytes(image.bytes)} · ${made(image.createdAt)}`,
});

function sayKept(why: Kept, names: readonly string[]): string {
  // In local mode a newcomer's own things are nobody's business: they are counted, not named.
  const shown = why === 'sandbox' ? [] : names.slice(0, NAMES_SHOWN);
  const more = names.length - shown.length;
  const list = shown.length === 0 ? '' : ` (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
  return `${sayCount(names.length, 'thing')} kept, ${KEPT_BECAUSE[why]}${list}`;
}
