/** compose.down: stops a Compose project and removes its containers and networks; never a volume. */
import type { ActionKind, Scope } from '../domain/action.ts';
import { containerItem, networkItem, sayItems, sayMonitoring } from './compose/say-stack.ts';
import type { ComposeDeps, Stack } from './compose/stack.ts';
import { createVerb, type VerbSettings } from './compose/verb.ts';
import { STOP } from './docker-power.ts';

export function createComposeDown(deps: ComposeDeps): ActionKind<VerbSettings> {
  return createVerb(deps, {
    name: 'down',
    power: STOP,
    // `down` takes no services in Compose 1.
    args: (services) => (services.length === 0 ? ['down'] : ['rm', '--stop', '--force', ...services]),
    plan: planDown,
    undoReason: 'compose.up starts it again; what containers held beside their volumes is gone',
  });
}

function planDown(
  stack: Stack,
  services: readonly string[],
): { scope: Scope; preview: string[] } | { refused: string } {
  const { way, project, containers } = stack;
  const networks = way.kind === 'program' && services.length === 0 ? stack.networks : [];
  const items = [...containers.map(containerItem), ...networks.map(networkItem)];
  if (items.length === 0) return { refused: `nothing of the project ${project} is there to stop` };
  return {
    scope: { kind: 'items', items },
    preview: [
      way.kind === 'program' ? 'stopped and removed:' : 'stopped and kept:',
      ...sayItems(items),
      ...sayMonitoring(containers, 'until it is started again'),
      'no volume is touched',
    ],
  };
}
