/** By what a reset knows a volume again, also one that a database writes to until it is stopped. */
import { z } from 'zod';
import { readDocker } from '../../clients/docker-answers.ts';
import type { ListedContainer } from '../../clients/docker-container.ts';
import type { ActionContext } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import type { Volume } from '../volumes-remove/engine.ts';
import { volumeId } from '../volumes-remove/guard.ts';

const HELD = ' of container ';

/**
 * The containers that have it, where some do: the engine removes no volume that a container has, even a stopped one,
 * so under the same containers it is the same volume. Its creation time says less: up to Docker 20.10 that is when
 * the volume's own folder was last changed, and a database changes that as it ends.
 */
export function volumeScopeId(volume: Volume, containers: readonly ListedContainer[]): string {
  const holders = containers.filter(({ volumes }) => volumes.includes(volume.name)).map(({ id }) => id);
  if (holders.length === 0) return `volume:${volumeId(volume)}`;
  return `volume:${volume.name}${HELD}${holders.sort().join(', ')}`;
}

export const isHeld = (id: string): boolean => id.startsWith('volume:') && id.includes(HELD);

/** By the engine's own clock, in seconds with nine decimals. */
export async function engineTime(target: Target, { signal, timeoutMs }: ActionContext): Promise<string> {
  const text = await readDocker(target.dockerHost, '/info', { signal, timeoutMs });
  const { SystemTime } = z.object({ SystemTime: z.string() }).parse(JSON.parse(text.toString('utf8')));
  const time = Date.parse(SystemTime);
  if (Number.isNaN(time)) throw new Error('the Docker engine tells no time');
  const fraction = /\.(\d{1,9})/u.exec(SystemTime)?.[1] ?? '';
  return `${Math.floor(time / 1000)}.${fraction.padEnd(9, '0')}`;
}

const destroyed = z.object({ Actor: z.object({ ID: z.string() }) });

/**
 * Names of volumes removed since then, as the engine remembers (Docker Engine API, "Monitor events": the last 256).
 * Once their containers are gone, this tells one that was removed and made again from one that stayed.
 */
export async function destroyedSince(
  target: Target,
  since: string,
  context: ActionContext,
): Promise<ReadonlySet<string>> {
  const { signal, timeoutMs } = context;
  const until = await engineTime(target, context);
  const filters = encodeURIComponent(JSON.stringify({ type: ['volume'], event: ['destroy'] }));
  const path = `/events?since=${since}&until=${until}&filters=${filters}`;
  const lines = (await readDocker(target.dockerHost, path, { signal, timeoutMs }))
    .toString('utf8')
    .split('\n');
  return new Set(
    lines.filter((line) => line.trim() !== '').map((line) => destroyed.parse(JSON.parse(line)).Actor.ID),
  );
}
