/** What is asked of a kind to know what a step is; the drivers stay out of it. */
import type { ActionKind } from './action.ts';
import type { ProbeKind } from './probe.ts';

export type Needs = ProbeKind['needs'];
export type ProbeKindFacts = Pick<ProbeKind, 'name' | 'settings' | 'facts' | 'needs'>;
export type ActionKindFacts = Pick<
  ActionKind,
  'name' | 'settings' | 'danger' | 'needs' | 'dangerOf' | 'checkDeclared'
>;

export interface Kinds<
  P extends ProbeKindFacts = ProbeKindFacts,
  A extends ActionKindFacts = ActionKindFacts,
> {
  readonly probeKinds: ReadonlyMap<string, P>;
  readonly actionKinds: ReadonlyMap<string, A>;
}

/**
 * What an action's target must have: as the kind says, else what the probes of its family need (`redis.flushdb` as
 * `redis.ping`), else the Docker engine.
 */
export function actionNeeds(kind: ActionKindFacts, { probeKinds }: Pick<Kinds, 'probeKinds'>): Needs {
  if (kind.needs !== undefined) return kind.needs;
  const family = `${kind.name.split('.')[0]}.`;
  const relatives = [...probeKinds.values()].filter(({ name }) => name.startsWith(family));
  return relatives[0]?.needs ?? 'docker';
}
