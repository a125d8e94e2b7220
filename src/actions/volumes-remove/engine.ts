/** What the Docker Engine says of itself and its volumes, parsed at the edge. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { inTurn } from '../../clients/docker-busy.ts';
import { answeredWith } from '../../clients/docker-failure.ts';
import { getJson } from '../../clients/docker-get.ts';

export { answeredWith };

const engineAnswer = z.object({
  ID: z.string(),
  Name: z.string().default(''),
  Labels: z.array(z.string()).nullish(),
});
const volumeAnswer = z.object({
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string().nullish(),
  CreatedAt: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});
const volumesAnswer = z.object({ Volumes: z.array(volumeAnswer).nullish() });
const containersAnswer = z.array(
  z.object({
    Mounts: z.array(z.object({ Type: z.string().nullish(), Name: z.string().nullish() })).nullish(),
  }),
);
const sizesAnswer = z.object({
  Volumes: z
    .array(z.object({ Name: z.string(), UsageData: z.object({ Size: z.number() }).nullish() }))
    .nullish(),
});

export interface Engine {
  readonly id: string;
  readonly name: string;
  /** Values of its `pageturner.env` labels. */
  readonly markers: readonly string[];
}

export interface Volume {
  readonly name: string;
  readonly driver: string;
  /** As the engine writes it, to the second, or null when it doesn't know. */
  readonly createdAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export async function readEngine(docker: Docker, abortSignal: AbortSignal): Promise<Engine> {
  const info = engineAnswer.parse(await getJson(docker, '/info', {}, abortSignal));
  const prefix = 'pageturner.env=';
  const labels = (info.Labels ?? []).filter((label) => label.startsWith(prefix));
  return {
    id: info.ID,
    name: info.Name,
    markers: [...new Set(labels.map((label) => label.slice(prefix.length)))],
  };
}

/** Volumes that no container, running or stopped, uses: asked of the volumes and of the containers. */
export async function unusedVolumes(docker: Docker, abortSignal: AbortSignal): Promise<readonly Volume[]> {
  const [volumes, containers] = await Promise.all([
    docker.listVolumes({ filters: JSON.stringify({ dangling: ['true'] }), abortSignal }),
    docker.listContainers({ all: true, abortSignal }),
  ]);
  const mounted = new Set(
    containersAnswer.parse(containers).flatMap(({ Mounts }) => (Mounts ?? []).map(({ Name }) => Name)),
  );
  return (volumesAnswer.parse(volumes).Volumes ?? []).filter(({ Name }) => !mounted.has(Name)).map(toVolume);
}

/** Narrowed by the engine's own filters. */
export async function listVolumes(
  docker: Docker,
  filters: Readonly<Record<string, readonly string[]>>,
  abortSignal: AbortSignal,
): Promise<readonly Volume[]> {
  const answer = await docker.listVolumes({ filters: JSON.stringify(filters), abortSignal });
  return (volumesAnswer.parse(answer).Volumes ?? []).map(toVolume);
}

/** Null when there is no such volume. */
export async function readVolume(
  docker: Docker,
  name: string,
  abortSignal: AbortSignal,
): Promise<Volume | null> {
  try {
    return toVolume(volumeAnswer.parse(await docker.getVolume(name).inspect({ abortSignal })));
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return null;
    throw error;
  }
}

/** How many containers, running or stopped, use it. */
export async function countUsers(docker: Docker, name: string, abortSignal: AbortSignal): Promise<number> {
  const filters = JSON.stringify({ volume: [name] });
  return containersAnswer.parse(await docker.listContainers({ all: true, filters, abortSignal })).length;
}

/**
 * Bytes by volume name; those that the engine doesn't know are absent. It walks every volume's files, so it is given
 * `budgetMs`, after which nothing is known: sizes are for people.
 */
export async function volumeSizes(
  docker: Docker,
  budgetMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]);
  try {
    const ask = () => getJson(docker, '/system/df', { type: 'volume' }, abortSignal);
    const sizes = sizesAnswer.parse(await inTurn(ask, abortSignal));
    return new Map(
      (sizes.Volumes ?? []).flatMap(({ Name, UsageData }): [string, number][] =>
        UsageData != null && UsageData.Size >= 0 ? [[Name, UsageData.Size]] : [],
      ),
    );
  } catch {
    signal.throwIfAborted();
    return new Map();
  }
}

function toVolume(answer: z.infer<typeof volumeAnswer>): Volume {
  return {
    name: answer.Name,
    driver: answer.Driver,
    createdAt: answer.CreatedAt ?? null,
    labels: answer.Labels ?? {},
  };
}
