/** A Docker engine counts its disk usage for one at a time, and refuses whoever comes meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';

/** moby, daemon/disk_usage.go: "a disk usage operation is already running". */
const BUSY = /already running/u;
const AGAIN_MS = 200;

/** Asks again until it is our turn. Rejects with what else is wrong, or when the signal aborts. */
export async function inTurn<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Error) || !BUSY.test(error.message)) throw error;
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
}
