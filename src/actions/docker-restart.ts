/** docker.restart: stops a service's container, within its grace, and starts the same one again. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';
import { RESTART } from './docker-power.ts';

export const createDockerRestart = (): ActionKind<PowerSettings> => createPower(RESTART);
