/** In which order a project's containers are started: what others depend on comes first. Pure. */
import type { ListedContainer } from '../../clients/docker-container.ts';

export const PROJECT_LABEL = 'com.docker.compose.project';
export const SERVICE_LABEL = 'com.docker.compose.service';
/** Compose 2 writes it: `db:service_healthy:false,cache:service_started:true`. */
const DEPENDS_LABEL = 'com.docker.compose.depends_on';
const ONE_OFF_LABEL = 'com.docker.compose.oneoff';

type Labelled = Pick<ListedContainer, 'name' | 'labels'>;

export const serviceOf = ({ name, labels }: Labelled): string => labels[SERVICE_LABEL] ?? name;

/** Made by `compose run` for one command: it goes with the project, but nobody starts it again. */
export const isOneOff = ({ labels }: Labelled): boolean => labels[ONE_OFF_LABEL]?.toLowerCase() === 'true';

/** By name where nothing is said; a circle is broken anywhere. Stopping goes the other way round. */
export function startOrder<C extends Labelled>(containers: readonly C[]): readonly C[] {
  const sorted = [...containers].sort((a, b) => (a.name < b.name ? -1 : 1));
  const ordered: C[] = [];
  const seen = new Set<C>();
  const visit = (container: C): void => {
    if (seen.has(container)) return;
    seen.add(container);
    const needed = dependenciesOf(container);
    for (const other of sorted) if (needed.has(serviceOf(other))) visit(other);
    ordered.push(container);
  };
  for (const container of sorted) visit(container);
  return ordered;
}

function dependenciesOf({ labels }: Labelled): ReadonlySet<string> {
  const entries = (labels[DEPENDS_LABEL] ?? '').split(',');
  return new Set(entries.flatMap((entry) => entry.split(':')[0]?.trim() || []));
}
