/** Which containers no action may change, and why (docs/design.md, invariant 10): one rule for every kind. */
import type { Container } from '../clients/docker-container.ts';
import type { SelfIdentity } from '../domain/action.ts';
import type { Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';

export const MARKER_LABEL = 'pageturner.env';
const SANDBOX_LABEL = 'pageturner.sandbox';
/** What the bot's own Compose file puts on its containers: its database and its queue are among them. */
const PART_LABEL = 'pageturner.part-of';

type Known = Pick<Container, 'id' | 'name' | 'labels' | 'volumes'>;

/** The bot's own: the container it runs in, or one that holds its journal or its queue. */
export function isOwn(container: Known, self: SelfIdentity): boolean {
  if (self.containerId !== null && container.id.startsWith(self.containerId)) return true;
  if (container.volumes.some((volume) => self.volumes.includes(volume))) return true;
  return container.labels[PART_LABEL] === 'pageturner';
}

export const isSandbox = (labels: Readonly<Record<string, string>>): boolean =>
  labels[SANDBOX_LABEL] === 'true';

/** A reason for a person, or null when it may be changed. */
export function whyUntouchable(container: Known, target: Target, self: SelfIdentity): string | null {
  const name = oneLine(container.name, 80);
  if (isOwn(container, self)) return `the container ${name} is the bot's own: it is never changed from here`;
  if (target.sandboxOnly && !isSandbox(container.labels)) {
    return `local mode only changes the sandbox, and the container ${name} is not labelled as the sandbox's`;
  }
  const marker = container.labels[MARKER_LABEL];
  if (marker !== undefined && marker !== target.environment) {
    return `the container ${name} is marked ${oneLine(marker, 40)}, but the catalog says ${target.environment}: nothing is done`;
  }
  return null;
}
