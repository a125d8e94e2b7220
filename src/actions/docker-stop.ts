/** docker.stop: stops a service's container and keeps it; one that is stopped is left alone, and that is said. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';

export function createDockerStop(): ActionKind<PowerSettings> {
  return createPower({
    name: 'docker.stop',
    done: 'stopped',
    runs: false,
    already: (container) => (container.running ? null : `${container.name} is stopped already`),
    preview: (container) => `${container.name} is stopped, and stays so until somebody starts it`,
    call: (container, options) => container.stop(options),
    happened: (_before, now) => !now.running,
  });
}
