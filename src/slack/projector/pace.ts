/**
 * Slack's pace for one channel: a message a second, with bursts (docs.slack.dev, "Rate limits": chat.postMessage,
 * about one per second per channel, short bursts allowed). A little is kept back for urgent messages.
 */
export interface Pace {
  /** Milliseconds until a call may be made; 0: now, and it is counted. */
  take(urgent: boolean): number;
  /** Slack said to wait. */
  block(ms: number): void;
  /** What is left of the burst. */
  left(): number;
}

export const BURST = 20;
/** A token a second; the journal's `leftTokens` counts by the same. */
const PER_SECOND = 1;
const KEPT_FOR_URGENT = 4;

/** `tokens`: what is left of the burst; fewer after taking over from a process that died. */
export function createPace(tokens: number, now: () => number = () => performance.now()): Pace {
  let left = Math.min(BURST, tokens);
  let at = now();
  let blockedUntil = 0;
  return {
    take(urgent) {
      const time = now();
      left = Math.min(BURST, left + ((time - at) / 1000) * PER_SECOND);
      at = time;
      if (time < blockedUntil) return blockedUntil - time;
      const needed = urgent ? 1 : 1 + KEPT_FOR_URGENT;
      if (left >= needed) {
        left -= 1;
        return 0;
      }
      return Math.ceil(((needed - left) / PER_SECOND) * 1000);
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, now() + ms);
      left = 0;
      at = now();
    },
    left: () => left,
  };
}
