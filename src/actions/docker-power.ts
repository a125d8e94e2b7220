/** Starting, stopping and restarting one container by its id: the one call, and what its answers mean. */
import type Docker from 'dockerode';
import { type Container, readContainer } from '../clients/docker-container.ts';
import { answeredWith } from '../clients/docker-failure.ts';
import { neverSent } from '../clients/never-sent.ts';
import type { ItemOutcome } from '../domain/action.ts';
import { OutcomeUnknown } from '../domain/outcome-unknown.ts';
import { oneLine } from '../domain/text.ts';
import { sayState } from './docker-settle.ts';

export interface Power {
  readonly verb: 'start' | 'stop' | 'restart';
  /** `restarted`, for people. */
  readonly done: string;
  /** Whether it runs afterwards. */
  readonly runs: boolean;
  /** Why there is nothing to do, or null. */
  readonly already: (container: Container) => string | null;
  /** What will happen, for people. */
  readonly preview: (container: Container) => string;
  /** The one call that changes it; `t`: seconds of grace. */
  readonly call: (
    container: Docker.Container,
    options: { t: number; abortSignal: AbortSignal },
  ) => Promise<unknown>;
  /** When the answer was lost: did it happen all the same? */
  readonly happened: (before: Container, now: Container) => boolean;
}

export const START: Power = {
  verb: 'start',
  done: 'started',
  runs: true,
  already: ({ running, status }) => (running && status !== 'paused' ? 'runs already' : null),
  preview: (container) => `${sayState(container)}: it is started`,
  call: (container, { abortSignal }) => container.start({ abortSignal }),
  happened: (_before, now) => now.running,
};

export const STOP: Power = {
  verb: 'stop',
  done: 'stopped',
  runs: false,
  already: ({ running }) => (running ? null : 'is stopped already'),
  preview: ({ name }) => `${name} is stopped, and stays so until somebody starts it`,
  call: (container, options) => container.stop(options),
  happened: (_before, now) => !now.running,
};

export const RESTART: Power = {
  verb: 'restart',
  done: 'restarted',
  runs: true,
  already: () => null,
  preview: (container) =>
    container.running
      ? `${container.name} is stopped and started again; until then it answers nobody`
      : `${sayState(container)}: this starts it`,
  call: (container, options) => container.restart(options),
  happened: (before, now) => now.running && now.startedAt !== before.startedAt,
};

/** The engine's own when a container doesn't say (Docker Engine API, `StopTimeout`). */
const DEFAULT_GRACE_S = 10;
/** Of an action's time, at most so much goes to the grace; the rest is for the engine's answer. */
const GRACE_SHARE = 0.7;
const AFTERMATH_MS = 3_000;
/** What the client puts before the engine's own words. */
const PREFIX = /^\(HTTP code \d+\) [^-]*- /u;

/** Whole seconds that fit into the action's time. */
export const mostGrace = (timeoutMs: number): number =>
  Math.max(0, Math.floor((timeoutMs * GRACE_SHARE) / 1000));

/** Seconds: the container's own, as far as they fit; a negative one means "for ever". */
export function ownGrace({ stopSeconds }: Container, timeoutMs: number): number {
  const own = stopSeconds ?? DEFAULT_GRACE_S;
  const most = mostGrace(timeoutMs);
  return own < 0 ? most : Math.min(own, most);
}

/** Throws OutcomeUnknown when no answer came and what it would have done isn't seen. */
export async function changeContainer(
  power: Power,
  docker: Docker,
  before: Container,
  graceSeconds: number,
  abortSignal: AbortSignal,
): Promise<Omit<ItemOutcome, 'name'>> {
  try {
    await power.call(docker.getContainer(before.id), { t: graceSeconds, abortSignal });
    return { outcome: 'done', note: power.done };
  } catch (error) {
    const answer = answeredWith(error);
    // Somebody was faster (Docker Engine API: "already started", "already stopped").
    if (answer?.statusCode === 304) return { outcome: 'done', note: `was ${power.done} already` };
    if (neverSent(error)) {
      return { outcome: 'failed', note: 'nothing was done: the engine could not be reached' };
    }
    const now = await readContainer(docker, before.id, AbortSignal.timeout(AFTERMATH_MS)).catch(() => null);
    if (answer !== null) {
      const said = oneLine(answer.message.replace(PREFIX, ''), 300);
      return {
        outcome: 'failed',
        note: `the engine says: ${said}${now === null ? '' : `; it is ${now.status}`}`,
      };
    }
    const state = now === null ? '' : `; now ${sayState(now)}`;
    if (now !== null && power.happened(before, now)) {
      return { outcome: 'done', note: `${power.done} (the answer was lost)` };
    }
    const why = oneLine(error instanceof Error ? error.message : String(error), 120);
    throw new OutcomeUnknown(`whether ${before.name} is ${power.done} is not known (${why})${state}`, {
      cause: error,
    });
  }
}
