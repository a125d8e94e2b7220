/** What the catalog needs to know of the kinds; the drivers stay out of it. */
import type { ActionKind } from '../domain/action.ts';
import type { ProbeKind } from '../domain/probe.ts';

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
