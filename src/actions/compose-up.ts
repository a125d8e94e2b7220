/** compose.up: starts a Compose project: what its file says, or the containers that are there. */
import type { ActionKind } from '../domain/action.ts';
import { isOneOff, serviceOf } from './compose/order.ts';
import { composeArguments } from './compose/program.ts';
import { containerItem, sayItems } from './compose/say-stack.ts';
import type { ComposeDeps, Stack } from './compose/stack.ts';
import { createVerb, type VerbSettings } from './compose/verb.ts';
import { START } from './docker-power.ts';

const args = (services: readonly string[]) => ['up', '--detach', ...services];

export function createComposeUp(deps: ComposeDeps): ActionKind<VerbSettings> {
  return createVerb(deps, {
    name: 'up',
    power: START,
    args,
    plan: planUp,
    undoReason: 'compose.down stops it again; volumes are left alone by both',
  });
}

function planUp(
  stack: Stack,
  services: readonly string[],
): ReturnType<Parameters<typeof createVerb>[1]['plan']> {
  const { way, project } = stack;
  const containers = stack.containers.filter((container) => !isOneOff(container));
  const items = containers.map(containerItem);
  if (way.kind === 'engine') {
    if (items.length === 0)
      return { refused: `there is no container of the project ${project} to start; ${way.because}` };
    return {
      scope: { kind: 'items', items },
      preview: ['started, those that others need first:', ...sayItems(items)],
    };
  }
  const there = new Set(containers.map(serviceOf));
  const made = (services.length > 0 ? services : way.config.services).filter(
    (service) => !there.has(service),
  );
  const { program, file, config } = way;
  return {
    scope: { kind: 'call', does: `${JSON.stringify(composeArguments(program, file, args(services)))}` },
    preview: [
      ...(items.length > 0
        ? ['there already (made again if their configuration changed; volumes stay):']
        : []),
      ...sayItems(items),
      ...(made.length > 0 ? [`made new, with what they need: ${made.join(', ')}`] : []),
      ...sayUnset(config.unset),
    ],
  };
}

function sayUnset(unset: readonly string[]): readonly string[] {
  if (unset.length === 0) return [];
  return [
    `⚠ empty, as nothing gives the file a value: ${unset.join(', ')} (the .env beside it is where they belong)`,
  ];
}
