/** Waiting, within a deadline, until a container is as it should be after an action. */
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { type Container, readContainer } from '../clients/docker-container.ts';
import { sayDuration } from '../domain/duration.ts';
import { oneLine } from '../domain/text.ts';

export interface Settled {
  readonly good: boolean;
  /** For people: `moalog-redis runs and is healthy`. */
  readonly says: string;
}

const POLL_MS = 250;
/** A program that can't work ends in its first moments: one look right after the start would call it good. */
const STEADY_MS = 1_500;

/** Running all the while for 1.5 s, and healthy when it has a check; at most `budgetMs`. */
export async function settleRunning(
  docker: Docker,
  id: string,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Settled> {
  const began = performance.now();
  let steadySince = began;
  let startedAt = '';
  for (;;) {
    const found = await readContainer(docker, id, signal);
    if (found === null) return { good: false, says: `the container ${id.slice(0, 12)} is gone` };
    const now = performance.now();
    if (!isSteady(found) || found.startedAt !== startedAt) {
      startedAt = found.startedAt;
      steadySince = now;
    }
    if (isSteady(found) && found.health === 'unhealthy') return { good: false, says: sayState(found) };
    // Ended for good: no restart policy brings it back.
    if (found.status === 'exited' || found.status === 'dead') return { good: false, says: sayState(found) };
    const good = now - steadySince >= STEADY_MS && (found.health === null || found.health === 'healthy');
    if (isSteady(found) && good) return { good, says: sayState(found) };
    if (now - began > budgetMs) {
      return { good: false, says: `${sayState(found)}, after ${sayDuration(now - began)}` };
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

const isSteady = ({ status, running }: Container): boolean => running && status === 'running';

export async function checkStopped(docker: Docker, id: string, signal: AbortSignal): Promise<Settled> {
  const found = await readContainer(docker, id, signal);
  if (found === null) return { good: true, says: `the container ${id.slice(0, 12)} is gone` };
  return { good: !found.running, says: sayState(found) };
}

/** `moalog-redis runs, health check starting`; `moalog-redis is exited with code 1`. */
export function sayState(found: Container): string {
  const name = oneLine(found.name, 80);
  if (found.running && found.status === 'running') {
    if (found.health === null) return `${name} runs`;
    return found.health === 'starting'
      ? `${name} runs, health check starting`
      : `${name} runs and is ${oneLine(found.health, 20)}`;
  }
  const code = found.status === 'exited' || found.status === 'dead' ? ` with code ${found.exitCode}` : '';
  const why = found.error === '' ? '' : ` (${oneLine(found.error, 120)})`;
  return `${name} is ${found.status}${code}${why}`;
}
