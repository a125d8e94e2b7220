/** Tells a dead man's switch outside that the bot is alive and its journal answers; its silence is the alarm. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { request } from 'undici';

const TIMEOUT_MS = 10_000;

/** GETs the address every `everyMs` while `isWell` says so, until the signal aborts. Failures are logged once a row. */
export async function sendHeartbeats(
  deps: { readonly log: Logger; readonly isWell: () => Promise<boolean> },
  url: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    try {
      if (await deps.isWell()) {
        const answer = await request(url, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        await answer.body.dump();
        if (answer.statusCode >= 400) throw new Error(`it answered ${answer.statusCode}`);
        failing = false;
      }
    } catch (error) {
      if (!failing && !signal.aborted) deps.log.warn({ err: error }, 'the heartbeat could not be sent');
      failing = true;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
