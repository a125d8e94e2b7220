/** What is never pruned, and why (docs/design.md, invariant 10): the one rule for plan and execution. */
import type { ListedContainer } from '../../clients/docker-container.ts';
import type { Image } from '../../clients/docker-image.ts';
import type { Network } from '../../clients/docker-network.ts';
import type { SelfIdentity } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { PROJECT_LABEL } from '../compose/order.ts';
import { keptName } from '../container-env/kept-name.ts';
import { isOwn, isSandbox, MARKER_LABEL } from '../docker-guard.ts';

export type Kept = 'bot' | 'catalog' | 'project' | 'sandbox' | 'undo' | 'marked' | 'fresh';

export const KEPT_BECAUSE: Readonly<Record<Kept, string>> = {
  bot: "the bot's own",
  catalog: 'named in the catalog',
  project: "of a catalogued system's Compose project",
  sandbox: "not labelled as the sandbox's (local mode only changes the sandbox)",
  undo: 'kept by container.env, as its undo',
  marked: 'marked for another environment',
  fresh: 'made within the last hour and never started: somebody may be at it',
};

/** A container that ends is `exited` or `dead`; one that was never started, `created`. */
const STOPPED: ReadonlySet<string> = new Set(['exited', 'dead', 'created']);
const FRESH_MS = 3_600_000;
/** The engine's own networks (docs.docker.com, "Networking overview"). */
const PREDEFINED: ReadonlySet<string> = new Set([
  'bridge',
  'host',
  'none',
  'nat',
  'ingress',
  'docker_gwbridge',
]);

type Labels = Readonly<Record<string, string>>;

function whyLabelled(labels: Labels, target: Target): Kept | null {
  if (target.sandboxOnly && !isSandbox(labels)) return 'sandbox';
  const project = labels[PROJECT_LABEL];
  if (project !== undefined && target.composeProjects.includes(project)) return 'project';
  const marker = labels[MARKER_LABEL];
  return marker !== undefined && marker !== target.environment ? 'marked' : null;
}

export const isStopped = ({ status }: Pick<ListedContainer, 'status'>): boolean => STOPPED.has(status);

/** Null: it may go. Only for one that is stopped. */
export function whyKeptContainer(
  container: ListedContainer,
  target: Target,
  self: SelfIdentity,
): Kept | null {
  if (isOwn(container, self)) return 'bot';
  const named = [target.container, ...Object.values(target.declared.containers)];
  if (named.includes(container.name)) return 'catalog';
  if (keptName.isAny(container.name)) return 'undo';
  const labelled = whyLabelled(container.labels, target);
  if (labelled !== null) return labelled;
  const age = Date.now() - container.createdAt;
  return container.status === 'created' && age < FRESH_MS ? 'fresh' : null;
}

export const isPrunable = ({ name, scope, ingress }: Network): boolean =>
  scope === 'local' && !ingress && !PREDEFINED.has(name);

export const whyKeptNetwork = ({ labels }: Network, target: Target): Kept | null =>
  whyLabelled(labels, target);

export const whyKeptImage = ({ labels }: Image, target: Target): Kept | null => whyLabelled(labels, target);
