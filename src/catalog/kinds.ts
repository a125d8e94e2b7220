/** What the catalog needs to know of the kinds; the drivers stay out of it. */
import type { ActionKind, Danger } from '../domain/action.ts';
import { ENGINE_SERVICE } from '../domain/bind-runbook.ts';
import type { ProbeKind } from '../domain/probe.ts';
import type { ServiceEntry } from '../domain/runbook.ts';

export type ProbeKindFacts = Pick<ProbeKind, 'name' | 'settings' | 'facts' | 'needs'>;
export type ActionKindFacts = Pick<
  ActionKind,
  'name' | 'settings' | 'danger' | 'needs' | 'dangerOf' | 'checkDeclared'
>;

export interface Kinds {
  readonly probeKinds: ReadonlyMap<string, ProbeKindFacts>;
  readonly actionKinds: ReadonlyMap<string, ActionKindFacts>;
}

/**
 * What an action's target must have: as the kind says, else what the probes of its family need (`redis.flushdb` as
 * `redis.ping`), else the Docker engine.
 */
export function actionNeeds(kind: ActionKindFacts, kinds: Kinds): ProbeKind['needs'] {
  if (kind.needs !== undefined) return kind.needs;
  const family = `${kind.name.split('.')[0]}.`;
  const relatives = [...kinds.probeKinds.values()].filter(({ name }) => name.startsWith(family));
  return relatives[0]?.needs ?? 'docker';
}

/** The kind's own danger; of a program or call: what the system's own file declares. `service` left out: the engine. */
export function dangerOfKind(
  kind: ActionKindFacts,
  settings: Readonly<Record<string, unknown>>,
  service: string | undefined,
  services: readonly ServiceEntry[],
): Danger {
  const target = services.find(({ name }) => name === (service ?? ENGINE_SERVICE))?.target;
  const parsed = kind.settings.safeParse(settings);
  if (kind.dangerOf === undefined || target === undefined || !parsed.success) return kind.danger;
  return kind.dangerOf(target, parsed.data) ?? kind.danger;
}
