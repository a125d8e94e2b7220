/** One approved thing: looked at again right before, removed by its id without force, and what the answers mean. */
import type Docker from 'dockerode';
import { listContainers, readContainer } from '../../clients/docker-container.ts';
import { answeredWith } from '../../clients/docker-failure.ts';
import { readTags } from '../../clients/docker-image.ts';
import { readNetwork } from '../../clients/docker-network.ts';
import { neverSent } from '../../clients/never-sent.ts';
import type { ItemOutcome, SelfIdentity } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { ALREADY_GONE } from '../remove-in-turn.ts';
import { isPrunable, isStopped, KEPT_BECAUSE, whyKeptContainer, whyKeptNetwork } from './guard.ts';

const AFTERMATH_MS = 2_000;

type Found = Omit<ItemOutcome, 'name'>;
const gone: Found = { outcome: 'done', note: ALREADY_GONE };
const kept = (note: string): Found => ({ outcome: 'kept', note });

export interface Thing {
  readonly kind: 'container' | 'network' | 'image';
  readonly id: string;
}

export function thingOf(itemId: string): Thing | null {
  const [, kind, id] = /^(container|network|image):(.+)$/u.exec(itemId) ?? [];
  if (id === undefined) return null;
  return kind === 'container' || kind === 'network' || kind === 'image' ? { kind, id } : null;
}

/** Null: this very thing may go now. Throws when it can't be read. */
export async function lookAgain(
  docker: Docker,
  { kind, id }: Thing,
  target: Target,
  self: SelfIdentity,
  signal: AbortSignal,
): Promise<Found | null> {
  if (kind === 'container') {
    const [now] = await listContainers(docker, { id: [id] }, signal);
    if (now === undefined) return gone;
    if (!isStopped(now)) return kept(`is ${now.status} now`);
    const why = whyKeptContainer(now, target, self);
    return why === null ? null : kept(KEPT_BECAUSE[why]);
  }
  const others = await listContainers(docker, {}, signal);
  if (kind === 'network') {
    const now = await readNetwork(docker, id, signal);
    if (now === null) return gone;
    const users = others.filter(({ networks }) => networks.includes(id) || networks.includes(now.name));
    if (users.length > 0 || now.containers.length > 0) return kept('a container is in it now');
    const why = isPrunable(now) ? whyKeptNetwork(now, target) : 'catalog';
    return why === null ? null : kept(KEPT_BECAUSE[why]);
  }
  const tags = await readTags(docker, id, signal);
  if (tags === null) return gone;
  if (tags.length > 0) return kept(`has a name now: ${oneLine(tags[0] ?? '', 80)}`);
  return others.some(({ image }) => image === id) ? kept('a container is made of it now') : null;
}

/** Throws when no answer came and it isn't seen to be gone: it may still go. */
export async function removeThing(docker: Docker, thing: Thing, abortSignal: AbortSignal): Promise<Found> {
  try {
    await call(docker, thing, abortSignal);
    return { outcome: 'done', note: 'removed' };
  } catch (error) {
    const answer = answeredWith(error);
    if (answer?.statusCode === 404) return gone;
    if (answer?.statusCode === 409 || answer?.statusCode === 403) {
      return kept(`in use: the engine did not remove it (${oneLine(answer.message, 120)})`);
    }
    if (answer !== null) return { outcome: 'failed', note: oneLine(answer.message, 160) };
    if (neverSent(error)) return { outcome: 'failed', note: 'the engine could not be reached' };
    if (await isGone(docker, thing)) return { outcome: 'done', note: 'removed (the answer was lost)' };
    throw error;
  }
}

/** Never with force; a container's volumes stay, and so do the images that an image was made of. */
function call(docker: Docker, { kind, id }: Thing, abortSignal: AbortSignal): Promise<unknown> {
  if (kind === 'container') return docker.getContainer(id).remove({ force: false, v: false, abortSignal });
  if (kind === 'network') return docker.getNetwork(id).remove({ abortSignal });
  return docker.getImage(id).remove({ force: false, noprune: true, abortSignal });
}

async function isGone(docker: Docker, { kind, id }: Thing): Promise<boolean> {
  const signal = AbortSignal.timeout(AFTERMATH_MS);
  try {
    if (kind === 'container') return (await readContainer(docker, id, signal)) === null;
    if (kind === 'network') return (await readNetwork(docker, id, signal)) === null;
    return (await readTags(docker, id, signal)) === null;
  } catch {
    return false;
  }
}
