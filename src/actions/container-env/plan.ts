/** Which container would be replaced by which. Only reads; no other variable's value is told. */
import type Docker from 'dockerode';
import { openDocker } from '../../clients/docker.ts';
import { type Container, listContainers, readContainer } from '../../clients/docker-container.ts';
import type { ActionContext, PlanDraft, Refused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { MARKER_LABEL, whyUntouchable } from '../docker-guard.ts';
import { sayState } from '../docker-settle.ts';
import { sayCount } from '../say-size.ts';
import { type Configuration, readConfiguration, variableOf } from './configuration.ts';
import { keptName } from './kept-name.ts';
import { type EnvSettings, sayRisk, whyForbidden } from './settings.ts';

/** More than what is kept of it: its id, its name and how it is restarted. */
const UNDO_BYTES = 1024;

export interface Looked {
  readonly docker: Docker;
  /** The name that the service's container has, or had. */
  readonly name: string;
  readonly old: Container;
  readonly configuration: Configuration;
  readonly draft: PlanDraft;
}

/** Throws when the engine can't be reached. */
export async function lookEnv(
  target: Target,
  settings: EnvSettings,
  context: ActionContext,
): Promise<Looked | Refused> {
  context.signal.throwIfAborted();
  const name = target.container;
  if (name === null) return { refused: `${target.service} has no container in the catalog` };
  const forbidden = whyForbidden(settings, target.environment);
  if (forbidden !== null) return { refused: forbidden };
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const old =
    (await readContainer(docker, name, context.signal)) ?? (await cutOff(docker, name, context.signal));
  if (old === null) return { refused: `there is no container ${oneLine(name, 80)}` };
  const untouchable = whyUntouchable(old, target, context.self);
  if (untouchable !== null) return { refused: untouchable };
  const configuration = await readConfiguration(docker, old.id, context.signal);
  if (configuration.HostConfig.AutoRemove) {
    return { refused: `the container ${name} removes itself when it stops (--rm), so it could not be kept` };
  }
  return { docker, name, old, configuration, draft: draftOf(name, old, configuration, settings) };
}

/** A replacement that was cut off in its middle has left the old container under its other name, and no new one. */
async function cutOff(docker: Docker, name: string, signal: AbortSignal): Promise<Container | null> {
  const like = await listContainers(docker, { name: [name] }, signal);
  const kept = like.filter((one) => keptName.isOf(one.name, name)).at(-1);
  return kept === undefined ? null : readContainer(docker, kept.id, signal);
}

function draftOf(
  name: string,
  old: Container,
  configuration: Configuration,
  settings: EnvSettings,
): PlanDraft {
  const others = (configuration.Config.Env ?? []).filter((one) => !one.startsWith(`${settings.name}=`));
  return {
    identity: { container: old.name, container_id: old.id, image: old.image },
    marker: old.labels[MARKER_LABEL] ?? null,
    scope: {
      kind: 'items',
      items: [{ id: old.id, name: old.name, note: `${sayState(old)} · ${oneLine(old.imageName, 80)}` }],
    },
    preview: [
      `a new container ${name} in which ${settings.name} is ${JSON.stringify(settings.value)} (${sayBefore(configuration, settings)})`,
      `all else as it is: image ${old.image.slice(0, 19)}, ${sayCount(others.length, 'other variable')}, mounts, networks, ports and labels`,
      `the old one (${old.id.slice(0, 12)}) is stopped and kept as ${keptName.pattern(name)}; until the new one runs, nobody answers`,
      ...(old.name === name
        ? []
        : [
            `⚠ there is no container ${name}: an earlier replacement was cut off, ${old.name} is the old one`,
          ]),
      ...sayRisk(settings),
    ],
    undo: {
      kind: 'made',
      how: 'the old container is kept, stopped, under another name',
      estimatedBytes: UNDO_BYTES,
    },
  };
}

function sayBefore(configuration: Configuration, { name, value }: EnvSettings): string {
  const before = variableOf(configuration, name);
  if (before === undefined) return 'it is not set now';
  return before === value ? 'it has this value now' : 'it has another value now';
}
