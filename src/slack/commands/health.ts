/** `/ops health`: one message in the channel that fills in as the services answer. */
import { nearest } from '../../domain/nearest.ts';
import type { System } from '../../domain/runbook.ts';
import { askHealth, healthServices } from '../../engine/ask-health.ts';
import type { Command } from './command.ts';

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

export const health: Command = {
  name: 'health',
  usage: 'health [SYSTEM [SERVICE]]',
  says: 'probes every service at once and answers in one message',
  async run({ engine }, ask) {
    const [system, service] = ask.words;
    const chosen = chooseSystems(engine.catalog.systems, system, service);
    if ('wrong' in chosen) return chosen.wrong;
    await askHealth(engine, {
      askedBy: ask.asker.person,
      askedKey: ask.key,
      channel: ask.asker.channel,
      systems: chosen.systems,
      service: service?.toLowerCase() ?? null,
    });
    return null;
  },
};
