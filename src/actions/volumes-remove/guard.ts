/** Which unused volumes are never removed, and why (docs/design.md, invariant 10): the one rule for plan and execution. */
import type { Refused, SelfIdentity } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import type { Engine, Volume } from './engine.ts';

const PROJECT_LABEL = 'com.docker.compose.project';
const SANDBOX_LABEL = 'pageturner.sandbox';
/** docs.docker.com, volume names; what isn't one is not put into a path. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u;

export type Kept = 'bot' | 'catalog' | 'project' | 'sandbox' | 'driver' | 'unrecognisable';

export const KEPT_BECAUSE: Readonly<Record<Kept, string>> = {
  bot: "holding the bot's own data",
  catalog: 'named in the catalog',
  project: "labelled by a catalogued system's Compose project",
  sandbox: "not labelled as the sandbox's (local mode only changes the sandbox)",
  driver: 'of another driver than local',
  unrecognisable: 'without a creation time or a plain name, so not recognisable again',
};

/** Why this volume stays even when nothing uses it, or null when it may go. */
export function whyKept(volume: Volume, target: Target, self: SelfIdentity): Kept | null {
  if (target.sandboxOnly && volume.labels[SANDBOX_LABEL] !== 'true') return 'sandbox';
  if (self.volumes.includes(volume.name)) return 'bot';
  // Compose puts its project before the name that its file, and so the catalog, has.
  const isNamed = (name: string) => volume.name === name || volume.name.endsWith(`_${name}`);
  if (target.catalogVolumes.some(isNamed)) return 'catalog';
  const project = volume.labels[PROJECT_LABEL];
  if (project !== undefined && target.composeProjects.includes(project)) return 'project';
  if (volume.driver !== 'local') return 'driver';
  if (volume.createdAt === null || volume.createdAt === '' || !NAME.test(volume.name))
    return 'unrecognisable';
  return null;
}

/** One made again under the same name has another creation time, which the engine tells to the second. */
export function volumeId(volume: Volume): string {
  return `${volume.name}@${volume.createdAt ?? '?'}`;
}

/** The engine's environment marker, or why nothing may be done there. */
export function engineMarker(engine: Engine, target: Target): { readonly marker: string | null } | Refused {
  const [marker = null, second] = engine.markers;
  const name = oneLine(engine.name, 60);
  if (engine.id === '')
    return { refused: `the engine ${name} tells no ID, so it could not be recognised again` };
  if (second !== undefined) {
    return { refused: `the engine ${name} carries several pageturner.env labels: remove the wrong ones` };
  }
  if (marker !== null && marker !== target.environment) {
    const found = oneLine(marker, 40);
    return {
      refused: `the engine ${name} is marked ${found}, but the catalog says ${target.environment}: nothing is done`,
    };
  }
  return { marker };
}
