/** A container and the program in it, looked at through the engine: nothing is run to find out. */
import type Docker from 'dockerode';
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import { mountsSchema, volumesOf } from '../../clients/docker-container.ts';
import { type ActionContext, isRefused, type Refused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { MARKER_LABEL, whyUntouchable } from '../docker-guard.ts';
import { answeredWith } from '../volumes-remove/engine.ts';
import type { Place } from './place.ts';

/** What runs the program and ends it in time: the engine can start a process in a container, but not end it. */
export const TIMEOUT_PROGRAM = 'timeout';
/** The engine's own when an image says none (moby, `system.DefaultPathEnv`). */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Bits of Go's os.FileMode in the engine's answer. */
const IS_DIRECTORY = 2 ** 31;
const EXECUTABLE = 0o111;

const inspected = z.object({
  Id: z.string().min(12),
  Image: z.string(),
  Name: z.string(),
  State: z.object({ Running: z.boolean() }),
  Config: z.object({
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    WorkingDir: z.string().nullish(),
  }),
  Mounts: mountsSchema,
});
type Inspected = z.output<typeof inspected>;
const entry = z.object({ mode: z.number(), linkTarget: z.string().default('') });

/** Throws when the engine can't be reached. */
export async function inspectContainer(
  target: Target,
  name: string,
  argv: readonly string[],
  context: ActionContext,
): Promise<Place | Refused> {
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const found = await read(docker, name, context.signal);
  if (isRefused(found)) return found;
  const refused = whyNot(found, name, target, context);
  if (refused !== null) return { refused };
  const container = docker.getContainer(found.Id);
  const [program = ''] = argv;
  for (const needed of [program, TIMEOUT_PROGRAM]) {
    if (await hasProgram(container, found, needed, context.signal)) continue;
    const why = needed === program ? '' : ', which ends the program in time';
    return { refused: `there is no program ${oneLine(needed, 80)} in the container ${name}${why}` };
  }
  const plainName = found.Name.replace(/^\//u, '');
  const marker = found.Config.Labels?.[MARKER_LABEL] ?? null;
  return {
    kind: 'container',
    id: found.Id,
    name: `container ${plainName}`,
    marker,
    identity: { container: plainName, container_id: found.Id, image: found.Image },
    preview: [`in the container ${plainName} (${found.Id.slice(0, 12)}), as its own user`],
  };
}

async function read(docker: Docker, name: string, abortSignal: AbortSignal): Promise<Inspected | Refused> {
  try {
    return inspected.parse(await docker.getContainer(name).inspect({ abortSignal }));
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return { refused: `there is no container ${name}` };
    throw error;
  }
}

function whyNot(found: Inspected, name: string, target: Target, { self }: ActionContext): string | null {
  const known = { id: found.Id, name, labels: found.Config.Labels ?? {}, volumes: volumesOf(found.Mounts) };
  const untouchable = whyUntouchable(known, target, self);
  if (untouchable !== null) return untouchable;
  return found.State.Running ? null : `the container ${name} does not run: start it first`;
}

/** By looking where the container's PATH leads; a link is taken for what it says it is. */
async function hasProgram(
  container: Docker.Container,
  { Config }: Inspected,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = Config.Env?.find((one) => one.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  const home = Config.WorkingDir || '/';
  const candidates = name.startsWith('/')
    ? [name]
    : name.includes('/')
      ? [`${home}/${name}`]
      : path
          .split(':')
          .filter((folder) => folder.startsWith('/'))
          .map((folder) => `${folder}/${name}`);
  for (const candidate of candidates) if (await isProgram(container, candidate, signal)) return true;
  return false;
}

/** `HEAD /containers/ID/archive` tells of a file without reading it (Docker Engine API, "ContainerArchiveInfo"). */
async function isProgram(
  container: Docker.Container,
  path: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    const answer = await container.infoArchive({ path, abortSignal });
    const header = headerOf(answer, 'x-docker-container-path-stat');
    const { mode, linkTarget } = entry.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
    return linkTarget !== '' || (mode < IS_DIRECTORY && (mode & EXECUTABLE) !== 0);
  } catch (error) {
    if (answeredWith(error)?.statusCode === 404) return false;
    throw error;
  }
}

const withHeaders = z.object({ headers: z.record(z.string(), z.unknown()), resume: z.unknown() });

function headerOf(answer: object, name: string): string {
  const value = withHeaders.parse(answer).headers[name];
  return typeof value === 'string' ? value : '';
}
