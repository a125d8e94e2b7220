/** A Compose project as it is on its engine, and how it can be changed. Only reads. */
import { access, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import type Docker from 'dockerode';
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import { type ListedContainer, listContainers } from '../../clients/docker-container.ts';
import { listNetworks, type Network } from '../../clients/docker-network.ts';
import { type ActionContext, isRefused, type Refused } from '../../domain/action.ts';
import type { Facts } from '../../domain/probe.ts';
import type { ComposeProject, Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import type { Env } from '../command/environment.ts';
import { whyUntouchable } from '../docker-guard.ts';
import { readEngine } from '../volumes-remove/engine.ts';
import { engineMarker } from '../volumes-remove/guard.ts';
import { PROJECT_LABEL, serviceOf } from './order.ts';
import { whyAnotherStack } from './other-stacks.ts';
import {
  type ComposeConfig,
  type ComposeFile,
  type ComposeProgram,
  type FindCompose,
  readConfig,
} from './program.ts';

export interface ComposeDeps {
  readonly env: Env;
  readonly find: FindCompose;
}

/** https://docs.docker.com/compose, project names and service names; what isn't one never becomes an argument. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u;
export const projectSetting = z.string().max(120).regex(NAME, 'expected the name of a Compose project');
export const servicesSetting = z
  .array(z.string().max(120).regex(NAME, 'expected the name of a Compose service'))
  .min(1)
  .max(50);

export interface ComposeSettings {
  readonly project?: string | undefined;
  readonly services?: readonly string[] | undefined;
}

export type Way =
  | {
      readonly kind: 'program';
      readonly program: ComposeProgram;
      readonly file: ComposeFile;
      readonly config: ComposeConfig;
    }
  /** Only what is there can be started and stopped. */
  | { readonly kind: 'engine'; readonly because: string };

export interface Stack {
  readonly docker: Docker;
  readonly project: string;
  readonly way: Way;
  /** Those that the settings name; all of the project when they name none. */
  readonly containers: readonly ListedContainer[];
  readonly networks: readonly Network[];
  readonly identity: Facts;
  readonly marker: string | null;
  readonly engineName: string;
}

/** Throws when the engine can't be reached. */
export async function readStack(
  deps: ComposeDeps,
  target: Target,
  settings: ComposeSettings,
  context: ActionContext,
): Promise<Stack | Refused> {
  context.signal.throwIfAborted();
  const project = chooseProject(target, settings.project);
  if (isRefused(project)) return project;
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const engine = await readEngine(docker, context.signal);
  const marked = engineMarker(engine, target);
  if (isRefused(marked)) return marked;
  const filters = { label: [`${PROJECT_LABEL}=${project.name}`] };
  const [everyone, networks] = await Promise.all([
    listContainers(docker, {}, context.signal),
    listNetworks(docker, filters, context.signal),
  ]);
  const all = everyone.filter(({ labels }) => labels[PROJECT_LABEL] === project.name);
  // The bot in the project refuses all of it: Compose would find it by its label, whatever the plan says.
  const reasons = all.flatMap((container) => whyUntouchable(container, target, context.self) ?? []);
  if (reasons[0] !== undefined) return { refused: `${reasons[0]} (project ${project.name})` };
  const way = await chooseWay(deps, target, project, context);
  if (isRefused(way)) return way;
  const another =
    way.kind === 'program'
      ? await whyAnotherStack(way.file, way.config, target.declared.compose, everyone)
      : null;
  if (another !== null) return { refused: another };
  const unknown = unknownService(settings.services ?? [], way, all);
  if (unknown !== null) return { refused: unknown };
  const wanted = settings.services === undefined ? null : new Set(settings.services);
  return {
    docker,
    project: project.name,
    way,
    containers: wanted === null ? all : all.filter((container) => wanted.has(serviceOf(container))),
    networks,
    identity: identityOf(engine.id, project.name, way),
    marker: marked.marker,
    engineName: oneLine(engine.name, 60),
  };
}

function chooseProject({ declared, system }: Target, name: string | undefined): ComposeProject | Refused {
  const [first] = declared.compose;
  if (first === undefined) {
    return {
      refused: `${system} declares no Compose project: name it under compose.projects in its system.yaml`,
    };
  }
  const names = declared.compose.map((one) => one.name);
  const found = name === undefined ? first : declared.compose.find((one) => one.name === name);
  if (found === undefined)
    return { refused: `${system} has no Compose project ${name}: it has ${names.join(', ')}` };
  if (!NAME.test(found.name))
    return { refused: `${oneLine(found.name, 60)} is no name of a Compose project` };
  return found;
}

async function chooseWay(
  { env, find }: ComposeDeps,
  { declared, dockerHost, sandboxOnly, system }: Target,
  { name, file }: ComposeProject,
  context: ActionContext,
): Promise<Way | Refused> {
  // The program makes what the file says, and nothing of that need be the sandbox's.
  if (sandboxOnly) return { kind: 'engine', because: 'local mode only changes what the sandbox has' };
  const isFirst = declared.compose[0]?.name === name;
  const how = isFirst
    ? `set ${system.toUpperCase().replaceAll('-', '_')}_COMPOSE_FILE`
    : `name it under compose.projects in ${system}'s system.yaml`;
  if (file === null) return { kind: 'engine', because: `the project's file is not known: ${how}` };
  const path = await readable(file);
  if (path === null) {
    return {
      refused: `the Compose file ${oneLine(file)} of the project ${name} can't be read on ${hostname()}: ${how}`,
    };
  }
  const program = await find(context.signal);
  if (program === null) {
    const because = 'neither docker compose nor docker-compose is on the PATH of the bot: install one';
    return { kind: 'engine', because };
  }
  const composeFile = { project: name, path, dockerHost };
  try {
    return {
      kind: 'program',
      program,
      file: composeFile,
      config: await readConfig(program, composeFile, env, context),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function readable(file: string): Promise<string | null> {
  try {
    await access(file);
    return await realpath(file);
  } catch {
    return null;
  }
}

function unknownService(
  services: readonly string[],
  way: Way,
  containers: readonly ListedContainer[],
): string | null {
  const known = way.kind === 'program' ? way.config.services : containers.map(serviceOf);
  const unknown = services.find((service) => !known.includes(service));
  if (unknown === undefined) return null;
  const list = [...new Set(known)].sort().join(', ') || 'none';
  return `there is no service ${unknown} in the project; it has ${list}`;
}

function identityOf(engineId: string, project: string, way: Way): Facts {
  if (way.kind === 'engine') return { engine_id: engineId, project, way: 'engine' };
  const { program, file, config } = way;
  return {
    engine_id: engineId,
    project,
    way: `${program.argv.join(' ')} ${program.version}`,
    file: file.path,
    configuration: `sha256 ${config.sha256}`,
  };
}
