/**
 * Slack's pace for one channel. Posts: a message a second, with bursts (docs.slack.dev, "Rate limits":
 * chat.postMessage, about one per second per channel, short bursts allowed). Updates have a count of their own
 * (chat.update is Tier 3: 50 a minute). A little of each is kept back for urgent messages.
 */
export interface Pace {
  /** Milliseconds until a call may be made; 0: now, and it is counted. */
  take(call: 'post' | 'update', urgent: boolean): number;
  /** Slack said to wait with these calls; `Retry-After` belongs to the method that got it. */
  block(call: 'post' | 'update', ms: number): void;
  /** What is left of the burst of posts. */
  left(): number;
}

export interface Rate {
  /** Posts, and updates, that may be made at once after a rest. */
  readonly burst: number;
  /** Tokens a second; the journal's `leftTokens` counts posts by the same. */
  readonly post: number;
  readonly update: number;
  /** Calls go out without tokens, too, until the other side has said to wait; then not for `TOLD_MS`. */
  readonly untilTold: boolean;
}

export const SLACKS_RATE: Rate = { burst: 20, post: 1, update: 50 / 60, untilTold: false };
const TOLD_MS = 5 * 60_000;
const KEPT_FOR_URGENT = 4;

/**
 * `perSecond`: what is configured, or null. Slack itself hides what comes too fast, so its pace is kept from the first
 * message on; something else in its place (`apiUrl`) says 429 when it has its own.
 */
export function rateOf(perSecond: number | null, apiUrl: string | null): Rate {
  if (perSecond === null) return { ...SLACKS_RATE, untilTold: apiUrl !== null && !isSlacks(apiUrl) };
  return {
    burst: Math.max(SLACKS_RATE.burst, perSecond),
    post: perSecond,
    update: Math.max(SLACKS_RATE.update, perSecond),
    untilTold: false,
  };
}

const isSlacks = (apiUrl: string): boolean => /(^|\.)slack(-gov)?\.com$/u.test(new URL(apiUrl).hostname);

/** `tokens`: what is left of the burst of posts; fewer after taking over from a process that died. */
export function createPace(
  tokens: number,
  rate: Rate = SLACKS_RATE,
  now: () => number = () => performance.now(),
): Pace {
  const left = { post: Math.min(rate.burst, tokens), update: Math.min(rate.burst, tokens) };
  let at = now();
  const blockedUntil = { post: 0, update: 0 };
  let toldUntil = Number.NEGATIVE_INFINITY;

  function refill(): number {
    const time = now();
    const seconds = (time - at) / 1000;
    left.post = Math.min(rate.burst, left.post + seconds * rate.post);
    left.update = Math.min(rate.burst, left.update + seconds * rate.update);
    at = time;
    return time;
  }
  return {
    take(call, urgent) {
      const time = refill();
      if (time < blockedUntil[call]) return blockedUntil[call] - time;
      const needed = urgent ? 1 : 1 + KEPT_FOR_URGENT;
      if (left[call] >= needed) {
        left[call] -= 1;
        return 0;
      }
      if (rate.untilTold && time >= toldUntil) return 0;
      return Math.ceil(((needed - left[call]) / rate[call]) * 1000);
    },
    block(call, ms) {
      const time = refill();
      blockedUntil[call] = Math.max(blockedUntil[call], time + ms);
      toldUntil = time + TOLD_MS;
      left[call] = 0;
    },
    left() {
      refill();
      return left.post;
    },
  };
}
