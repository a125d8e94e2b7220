/** docker.restart: stops a service's container, within its grace, and starts the same one again. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';
import { sayState } from './docker-settle.ts';

export function createDockerRestart(): ActionKind<PowerSettings> {
  return createPower({
    name: 'docker.restart',
    done: 'restarted',
    runs: true,
    already: () => null,
    preview: (container) =>
      container.running
        ? `${container.name} is stopped and started again; until then it answers nobody`
        : `${sayState(container)}: this starts it`,
    call: (container, options) => container.restart(options),
    happened: (before, now) => now.running && now.startedAt !== before.startedAt,
  });
}
