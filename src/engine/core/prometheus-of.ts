/** Which Prometheus is asked about a system. */
import { findService } from './definitions.ts';
import type { Engine } from './engine.ts';

/** The service that is a system's Prometheus, by its name. */
const PROMETHEUS = 'prometheus';

/** Addresses to ask, in order: the system's own Prometheus, then the bot's. With credentials; never to be shown. */
export function prometheusOf(
  engine: Pick<Engine, 'catalog'> & { readonly settings: Pick<Engine['settings'], 'links'> },
  system: string | null,
): readonly string[] {
  const own = system === null ? null : findService(engine, system, PROMETHEUS);
  const addresses = [
    own === null || own.notConfigured !== null ? null : own.target.url,
    engine.settings.links.prometheus,
  ].filter((address) => address !== null);
  return [...new Set(addresses)];
}
