/** docker.start: starts a service's stopped container; one that runs is left alone, and that is said. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';
import { sayState } from './docker-settle.ts';

export function createDockerStart(): ActionKind<PowerSettings> {
  return createPower({
    name: 'docker.start',
    done: 'started',
    runs: true,
    already: (container) =>
      container.running && container.status !== 'paused' ? `${container.name} runs already` : null,
    preview: (container) => `${sayState(container)}: it is started`,
    call: (container, { abortSignal }) => container.start({ abortSignal }),
    happened: (_before, now) => now.running,
  });
}
