/** Containers as the Docker Engine tells of them: looked at, listed, parsed at the edge. Only reads. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { answeredWith } from './docker-failure.ts';

/** What a container has mounted, as the engine tells it. */
export const mountsSchema = z
  .array(z.object({ Type: z.string().nullish(), Name: z.string().nullish() }))
  .nullish();

/** Docker Engine API, `GET /containers/{id}/json`. */
const inspected = z.object({
  Id: z.string().min(12),
  Created: z.string().default(''),
  Image: z.string(),
  Name: z.string(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    StartedAt: z.string().default(''),
    ExitCode: z.number().default(0),
    Error: z.string().default(''),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({
    Image: z.string().default(''),
    StopTimeout: z.number().nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  Mounts: mountsSchema,
});

/** `GET /containers/json`. */
const listed = z.array(
  z.object({
    Id: z.string().min(12),
    Names: z.array(z.string()).nullish(),
    Image: z.string().default(''),
    ImageID: z.string().default(''),
    Created: z.number().default(0),
    State: z.string(),
    Status: z.string().default(''),
    Labels: z.record(z.string(), z.string()).nullish(),
    Mounts: mountsSchema,
    NetworkSettings: z
      .object({ Networks: z.record(z.string(), z.object({ NetworkID: z.string().nullish() })).nullish() })
      .nullish(),
    HostConfig: z.object({ NetworkMode: z.string().nullish() }).nullish(),
  }),
);

export interface Container {
  readonly id: string;
  /** Without the slash that the engine puts before it. */
  readonly name: string;
  /** The image's id, a digest. */
  readonly image: string;
  /** As it was asked for: `redis:7-alpine`. */
  readonly imageName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the volumes it uses. */
  readonly volumes: readonly string[];
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  readonly running: boolean;
  readonly startedAt: string;
  readonly exitCode: number;
  /** Why it could not be started, as the engine says; empty when it could. */
  readonly error: string;
  /** `starting`, `healthy` or `unhealthy`; null: it has no health check. */
  readonly health: string | null;
  /** Seconds that it is given to end; null: the engine's own default. */
  readonly stopSeconds: number | null;
}

export interface ListedContainer
  extends Pick<Container, 'id' | 'name' | 'image' | 'imageName' | 'labels' | 'volumes' | 'status'> {
  /** `Exited (0) 3 days ago`, as the engine says it: for people. */
  readonly says: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Ids and names of the networks it is or would be in. */
  readonly networks: readonly string[];
}

type Mounts = z.output<typeof mountsSchema>;
const plainName = (name: string): string => name.replace(/^\//u, '');
/** The names of its volumes. */
export const volumesOf = (mounts: Mounts): readonly string[] =>
  (mounts ?? []).flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : []));

/** By id or name; null when there is none. Throws when the engine can't be reached. */
export async function readContainer(
  docker: Docker,
  reference: string,
  abortSignal: AbortSignal,
): Promise<Container | null> {
  try {
    const found = inspected.parse(await docker.getContainer(reference).inspect({ abortSignal }));
    const { State, Config } = found;
    return {
      id: found.Id,
      name: plainName(found.Name),
      image: found.Image,
      imageName: Config.Image,
      labels: Config.Labels ?? {},
      volumes: volumesOf(found.Mounts),
      status: State.Status,
      running: State.Running,
      startedAt: State.StartedAt,
      exitCode: State.ExitCode,
      error: State.Error,
      // A container without a check may carry `none`.
      health: State.Health == null || State.Health.Status === 'none' ? null : State.Health.Status,
      stopSeconds: Config.StopTimeout ?? null,
    };
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return null;
    throw error;
  }
}

/** All of them, stopped ones too, narrowed by the engine's own filters; in the order of their names. */
export async function listContainers(
  docker: Docker,
  filters: Readonly<Record<string, readonly string[]>>,
  abortSignal: AbortSignal,
): Promise<readonly ListedContainer[]> {
  const answer = await docker.listContainers({ all: true, filters: JSON.stringify(filters), abortSignal });
  return listed
    .parse(answer)
    .map((one) => ({
      id: one.Id,
      name: plainName(one.Names?.[0] ?? one.Id.slice(0, 12)),
      image: one.ImageID,
      imageName: one.Image,
      labels: one.Labels ?? {},
      volumes: volumesOf(one.Mounts),
      status: one.State,
      says: one.Status,
      createdAt: one.Created * 1000,
      networks: networksOf(one),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function networksOf({ NetworkSettings, HostConfig }: z.output<typeof listed>[number]): readonly string[] {
  const joined = Object.entries(NetworkSettings?.Networks ?? {});
  const ids = joined.flatMap(([name, { NetworkID }]) => [name, ...(NetworkID ? [NetworkID] : [])]);
  return [...ids, ...(HostConfig?.NetworkMode ? [HostConfig.NetworkMode] : [])];
}
