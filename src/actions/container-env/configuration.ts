/** A container's whole configuration, read to make another like it. Its values stay in memory: none is ever told. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { answeredWith } from '../../clients/docker-failure.ts';
import { getJson } from '../../clients/docker-get.ts';

/** Docker Engine API, `GET /containers/{id}/json`; what isn't named here is passed on as it is. */
const schema = z.object({
  Id: z.string().min(12),
  Image: z.string(),
  Config: z.looseObject({
    Env: z.array(z.string()).nullish(),
    Image: z.string().default(''),
    Hostname: z.string().default(''),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  HostConfig: z.looseObject({
    NetworkMode: z.string().default('default'),
    AutoRemove: z.boolean().default(false),
    Binds: z.array(z.string()).nullish(),
    Mounts: z.array(z.looseObject({ Target: z.string() })).nullish(),
    RestartPolicy: z
      .object({ Name: z.string().default(''), MaximumRetryCount: z.number().default(0) })
      .nullish(),
  }),
  Mounts: z
    .array(
      z.object({
        Type: z.string().nullish(),
        Name: z.string().nullish(),
        Destination: z.string(),
        RW: z.boolean().default(true),
      }),
    )
    .nullish(),
  NetworkSettings: z.object({
    Networks: z
      .record(
        z.string(),
        z.object({
          Aliases: z.array(z.string()).nullish(),
          Links: z.array(z.string()).nullish(),
          IPAMConfig: z.record(z.string(), z.unknown()).nullish(),
          DriverOpts: z.record(z.string(), z.string()).nullish(),
        }),
      )
      .nullish(),
  }),
});
export type Configuration = z.output<typeof schema>;

const imageAnswer = z.object({ Id: z.string() });

/** On the new container: the full id of the one that it took the place of. */
export const REPLACES_LABEL = 'pageturner.replaces';
const SHORT_ID = 12;
/** The engine's own networks take no aliases, and a container has no other beside `none`, `host` or another's. */
const OWN_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default']);

export async function readConfiguration(
  docker: Docker,
  id: string,
  abortSignal: AbortSignal,
): Promise<Configuration> {
  return schema.parse(await docker.getContainer(id).inspect({ abortSignal }));
}

/** Undefined: it isn't set. */
export function variableOf({ Config }: Configuration, name: string): string | undefined {
  return Config.Env?.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The tag it was made from while that still means the same image; else the image itself. */
export async function sameImage(
  docker: Docker,
  { Config, Image }: Configuration,
  abortSignal: AbortSignal,
): Promise<string> {
  try {
    const path = `/images/${encodeURIComponent(Config.Image)}/json`;
    const { Id } = imageAnswer.parse(await getJson(docker, path, {}, abortSignal));
    return Id === Image ? Config.Image : Image;
  } catch (error) {
    if (answeredWith(error) === null) throw error;
    return Image;
  }
}

/** The body of `POST /containers/create`, and the networks that it must be connected to before it starts. */
export function configurationWith(
  old: Configuration,
  image: string,
  name: string,
  value: string,
): { readonly create: Docker.ContainerCreateOptions; readonly connect: readonly Endpoint[] } {
  const { Hostname, ...config } = old.Config;
  const others = (old.Config.Env ?? []).filter((one) => !one.startsWith(`${name}=`));
  const networks = networksOf(old);
  const [first] = networks;
  const isShared = old.HostConfig.NetworkMode.startsWith('container:');
  // Unless somebody chose another, it is the old one's short id.
  const isChosen = Hostname !== '' && !old.Id.startsWith(Hostname) && !isShared;
  const create = {
    ...config,
    ...(isChosen ? { Hostname } : {}),
    Image: image,
    Env: [...others, `${name}=${value}`],
    Labels: { ...(old.Config.Labels ?? {}), [REPLACES_LABEL]: old.Id },
    HostConfig: { ...old.HostConfig, Binds: [...(old.HostConfig.Binds ?? []), ...unnamedVolumes(old)] },
    ...(first === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [first.network]: first.config } } }),
  };
  return { create: creatable.parse(create), connect: networks.slice(1) };
}

const creatable = z.custom<Docker.ContainerCreateOptions>(
  (body) => typeof body === 'object' && body !== null,
);

export interface Endpoint {
  readonly network: string;
  readonly config: Docker.EndpointSettings;
}

function networksOf(old: Configuration): readonly Endpoint[] {
  const entries = Object.entries(old.NetworkSettings.Networks ?? {});
  const main = old.HostConfig.NetworkMode;
  return entries
    .filter(([network]) => !OWN_NETWORKS.has(network))
    .sort(([a], [b]) => Number(b === main) - Number(a === main))
    .map(([network, { Aliases, Links, IPAMConfig, DriverOpts }]) => ({
      network,
      config: {
        Aliases: (Aliases ?? []).filter((alias) => alias !== old.Id.slice(0, SHORT_ID)),
        ...(Links == null ? {} : { Links }),
        ...(IPAMConfig == null ? {} : { IPAMConfig }),
        ...(DriverOpts == null ? {} : { DriverOpts }),
      },
    }));
}

/** Volumes that the image asks for and nobody named: a new container would get empty ones. */
function unnamedVolumes({ Mounts, HostConfig }: Configuration): readonly string[] {
  const targets = new Set([
    ...(HostConfig.Binds ?? []).map((bind) => bind.split(':')[1]),
    ...(HostConfig.Mounts ?? []).map(({ Target }) => Target),
  ]);
  return (Mounts ?? []).flatMap(({ Type, Name, Destination, RW }) =>
    Type === 'volume' && Name && !targets.has(Destination)
      ? [`${Name}:${Destination}:${RW ? 'rw' : 'ro'}`]
      : [],
  );
}

/** What an engine says may repeat a value: none is passed on. */
export function hideValues(text: string, { Config }: Configuration): string {
  return (Config.Env ?? [])
    .map((one) => one.slice(one.indexOf('=') + 1))
    .filter((value) => value.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((hidden, value) => hidden.replaceAll(value, '(hidden)'), text);
}
