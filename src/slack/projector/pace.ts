/**
 * Slack's pace for one channel. Posts: a message a second, with bursts (docs.slack.dev, "Rate limits":
 * chat.postMessage, about one per second per channel, short bursts allowed). Updates have a count of their own
 * (chat.update is Tier 3: 50 a minute). A little of each is kept back for urgent messages.
 */
export interface Pace {
  /** Milliseconds until a call may be made; 0: now, and it is counted. */
  take(call: 'post' | 'update', urgent: boolean): number;
  /** Slack said to wait. */
  block(ms: number): void;
  /** What is left of the burst of posts. */
  left(): number;
}

export const BURST = 20;
/** Tokens a second; the journal's `leftTokens` counts posts by the same. */
const PER_SECOND = { post: 1, update: 50 / 60 } as const;
const KEPT_FOR_URGENT = 4;

/** `tokens`: what is left of the burst of posts; fewer after taking over from a process that died. */
export function createPace(tokens: number, now: () => number = () => performance.now()): Pace {
  const left = { post: Math.min(BURST, tokens), update: Math.min(BURST, tokens) };
  let at = now();
  let blockedUntil = 0;

  function refill(): number {
    const time = now();
    const seconds = (time - at) / 1000;
    left.post = Math.min(BURST, left.post + seconds * PER_SECOND.post);
    left.update = Math.min(BURST, left.update + seconds * PER_SECOND.update);
    at = time;
    return time;
  }
  return {
    take(call, urgent) {
      const time = refill();
      if (time < blockedUntil) return blockedUntil - time;
      const needed = urgent ? 1 : 1 + KEPT_FOR_URGENT;
      if (left[call] >= needed) {
        left[call] -= 1;
        return 0;
      }
      return Math.ceil(((needed - left[call]) / PER_SECOND[call]) * 1000);
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, refill() + ms);
      left.post = 0;
    },
    left() {
      refill();
      return left.post;
    },
  };
}
