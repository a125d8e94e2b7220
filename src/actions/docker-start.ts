/** docker.start: starts a service's stopped container; one that runs is left alone, and that is said. */
import type { ActionKind } from '../domain/action.ts';
import { createPower, type PowerSettings } from './docker-container.ts';
import { START } from './docker-power.ts';

export const createDockerStart = (): ActionKind<PowerSettings> => createPower(START);
