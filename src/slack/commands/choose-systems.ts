/** The names that people type, and what they meant. */
import { nearest } from '../../domain/nearest.ts';
import type { System } from '../../domain/runbook.ts';
import { healthServices } from '../../engine/checks/ask-health.ts';

/** The systems asked for, or what was meant. */
export function chooseSystems(
  systems: readonly System[],
  system: string | undefined,
  service: string | undefined,
): { readonly systems: readonly System[] } | { readonly wrong: string } {
  if (system === undefined) return { systems };
  const found = systems.find((candidate) => candidate.name === system.toLowerCase());
  if (found === undefined)
    return {
      wrong: didYouMean(
        'system',
        system,
        systems.map((candidate) => candidate.name),
      ),
    };
  const services = healthServices(found, null).map((entry) => entry.name);
  if (service !== undefined && !services.includes(service.toLowerCase())) {
    return { wrong: didYouMean(`service of ${found.name}`, service, services) };
  }
  return { systems: [found] };
}

function didYouMean(what: string, given: string, names: readonly string[]): string {
  const close = nearest(given, names);
  const hint = close === null ? '' : ` Did you mean \`${close}\`?`;
  return `There is no ${what} “${given.slice(0, 60)}”.${hint} There are: ${names.join(', ')}.`;
}
