/** The old container comes back under its own name; the one that had taken its place goes. */
import type Docker from 'dockerode';
import { type Container, readContainer } from '../../clients/docker-container.ts';
import { answeredWith } from '../../clients/docker-failure.ts';
import { settleRunning } from '../docker-settle.ts';
import { REPLACES_LABEL } from './configuration.ts';

export interface Back {
  readonly docker: Docker;
  readonly name: string;
  readonly oldId: string;
  readonly wasRunning: boolean;
  readonly policy: { readonly Name: string; readonly MaximumRetryCount: number };
}

/** Milliseconds of its own: what called for it may have used up the action's time. */
const PUT_BACK_MS = 60_000;
const SETTLE_MS = 20_000;
const GRACE_S = 10;

/**
 * Works from wherever a replacement was cut off. What it says is for people; throws when the old one is gone, when
 * another container has its name, or when the engine does not do it.
 */
export async function bringBack({ docker, name, oldId, wasRunning, policy }: Back): Promise<string> {
  const abortSignal = AbortSignal.timeout(PUT_BACK_MS);
  const old = await readContainer(docker, oldId, abortSignal);
  if (old === null) throw new Error(`the old container ${oldId.slice(0, 12)} is gone`);
  const now = await readContainer(docker, name, abortSignal);
  if (now !== null && now.id !== oldId) await takeAway(docker, now, oldId, abortSignal);
  const container = docker.getContainer(oldId);
  if (old.name !== name) await container.rename({ name, abortSignal });
  if (policy.Name === 'always') await container.update({ RestartPolicy: policy, abortSignal });
  if (!wasRunning) return `${name} is stopped, as it was`;
  await container.start({ abortSignal }).catch((error: unknown) => {
    // "Already started" (Docker Engine API).
    if (answeredWith(error)?.statusCode !== 304) throw error;
  });
  const settled = await settleRunning(docker, oldId, SETTLE_MS, abortSignal);
  return settled.says;
}

/** Only one that says itself that it took the old one's place. Its volumes are the old one's, and stay. */
async function takeAway(
  docker: Docker,
  now: Container,
  oldId: string,
  abortSignal: AbortSignal,
): Promise<void> {
  if (now.labels[REPLACES_LABEL] !== oldId) {
    throw new Error(`another container has the name ${now.name} by now: move it away first`);
  }
  const container = docker.getContainer(now.id);
  if (now.running) {
    await container.stop({ t: GRACE_S, abortSignal }).catch((error: unknown) => {
      if (answeredWith(error)?.statusCode !== 304) throw error;
    });
  }
  await container.remove({ force: true, v: false, abortSignal });
}
