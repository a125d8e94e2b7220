/** docker.stop: stops a service's container and keeps it; one that is stopped is left alone, and that is said. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';
import { STOP } from './docker-power.ts';

export const createDockerStop = (): ActionKind<PowerSettings> => createPower(STOP);
