/** A Compose project for people: its containers, its networks, and what goes dark with them. */
import type { ListedContainer } from '../../clients/docker-container.ts';
import type { Network } from '../../clients/docker-network.ts';
import type { ScopeItem } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { sayAge } from '../say-size.ts';
import { serviceOf } from './order.ts';
import type { Stack } from './stack.ts';

/** Programs that watch: when they stop, nobody is alerted by them. */
const MONITORING =
  /(^|[/_.-])(prometheus|alertmanager|grafana|loki|promtail|alloy|tempo|jaeger|cadvisor|[a-z]+-exporter|node_exporter|otel-collector|pushgateway)([:@/_.-]|$)/u;

export function containerItem({ id, name, status, imageName, createdAt }: ListedContainer): ScopeItem {
  const made = `made ${sayAge(Date.now() - createdAt)} ago`;
  return {
    id: `container:${id}`,
    name: `container ${name}`,
    note: `${status} · ${oneLine(imageName, 80)} · ${made}`,
  };
}

export const networkItem = ({ id, name, driver }: Network): ScopeItem => ({
  id: `network:${id}`,
  name: `network ${name}`,
  note: driver,
});

export function sayStack({ project, way, engineName, identity }: Stack): readonly string[] {
  const how =
    way.kind === 'program'
      ? `by ${String(identity.way)} with ${way.file.path}`
      : `container by container through the engine: ${way.because}`;
  return [`project ${project} on ${engineName}, ${how}`];
}

export const sayItems = (items: readonly ScopeItem[]): readonly string[] =>
  items.map(({ name, note }) => `${name} · ${note}`);

/** Empty, or one line. */
export function sayMonitoring(containers: readonly ListedContainer[], until: string): readonly string[] {
  const watching = containers
    .filter((container) => MONITORING.test(container.imageName) || MONITORING.test(serviceOf(container)))
    .map(({ name }) => name);
  if (watching.length === 0) return [];
  return [`⚠ its own monitoring goes too (${watching.join(', ')}): it sends no alert ${until}`];
}
