/** The one call that can't be taken back, and what its answers mean. */
import type Docker from 'dockerode';
import type { ItemOutcome } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { ALREADY_GONE } from '../remove-in-turn.ts';
import { answeredWith, readVolume } from './engine.ts';

/** Milliseconds to find out, after an answer was lost, whether the volume is gone. */
const AFTERMATH_MS = 2_000;
/** The engine was never reached, so it can't have removed anything. */
const NOT_SENT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOENT', 'EACCES', 'ENOTFOUND']);

/**
 * `DELETE /volumes/NAME`, without force. The engine itself refuses one that has come into use.
 * Throws when no answer came and the volume isn't seen to be gone: it may still go.
 */
export async function removeVolume(
  docker: Docker,
  name: string,
  abortSignal: AbortSignal,
): Promise<Omit<ItemOutcome, 'name'>> {
  try {
    await docker.getVolume(name).remove({ force: false, abortSignal });
    return { outcome: 'done', note: 'removed' };
  } catch (error) {
    const answer = answeredWith(error);
    if (answer?.statusCode === 404) return { outcome: 'done', note: ALREADY_GONE };
    if (answer?.statusCode === 409) return { outcome: 'kept', note: 'in use: the engine did not remove it' };
    if (answer !== null) return { outcome: 'failed', note: oneLine(answer.message, 160) };
    if (error instanceof Error && 'code' in error && NOT_SENT.has(error.code)) {
      return { outcome: 'failed', note: `the engine could not be reached: ${oneLine(error.message, 120)}` };
    }
    if (await isGone(docker, name)) return { outcome: 'done', note: 'removed (the answer was lost)' };
    throw error;
  }
}

async function isGone(docker: Docker, name: string): Promise<boolean> {
  try {
    return (await readVolume(docker, name, AbortSignal.timeout(AFTERMATH_MS))) === null;
  } catch {
    return false;
  }
}
