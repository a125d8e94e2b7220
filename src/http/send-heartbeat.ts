/** Tells a dead man's switch outside that the bot is alive and its journal answers; its silence is the alarm. */
import { request } from 'undici';
import type { Chore } from '../engine/upkeep/keep-chore.ts';

const TIMEOUT_MS = 10_000;

/** GETs the address every `everyMs` while `isWell` says so. */
export function heartbeatChore(url: string, everyMs: number, isWell: () => Promise<boolean>): Chore {
  return {
    name: 'heartbeat',
    everyMs,
    withinMs: TIMEOUT_MS,
    run: async (signal) => {
      if (!(await isWell())) return;
      const answer = await request(url, { signal });
      await answer.body.dump();
      if (answer.statusCode >= 400) throw new Error(`it answered ${answer.statusCode}`);
    },
  };
}
