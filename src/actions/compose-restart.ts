/** compose.restart: stops and starts the containers of a Compose project, as they are. */
import type { ActionKind, Scope } from '../domain/action.ts';
import { isOneOff } from './compose/order.ts';
import { containerItem, sayItems, sayMonitoring } from './compose/say-stack.ts';
import type { ComposeDeps, Stack } from './compose/stack.ts';
import { createVerb, type VerbSettings } from './compose/verb.ts';
import { RESTART } from './docker-power.ts';

export function createComposeRestart(deps: ComposeDeps): ActionKind<VerbSettings> {
  return createVerb(deps, {
    name: 'restart',
    power: RESTART,
    args: (services) => ['restart', ...services],
    plan: planRestart,
    undoReason: 'what is in memory is gone with the processes; files and volumes stay as they are',
  });
}

function planRestart({
  project,
  ...stack
}: Stack): { scope: Scope; preview: string[] } | { refused: string } {
  const containers = stack.containers.filter((container) => !isOneOff(container));
  const items = containers.map(containerItem);
  if (items.length === 0)
    return { refused: `there is no container of the project ${project}: compose.up makes them` };
  return {
    scope: { kind: 'items', items },
    preview: ['restarted, as they are:', ...sayItems(items), ...sayMonitoring(containers, 'meanwhile')],
  };
}
