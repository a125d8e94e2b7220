/** Slack's pace, enforced: a message a second a channel, with a burst; past it 429. */
export interface Bucket {
  /** Seconds to wait, as in Retry-After; 0: go on. */
  take(key: string): number;
}

export function createBucket(pace: { readonly perSecond: number; readonly burst: number }): Bucket {
  const left = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const now = performance.now();
      const entry = left.get(key) ?? { tokens: pace.burst, at: now };
      const tokens = Math.min(pace.burst, entry.tokens + ((now - entry.at) / 1000) * pace.perSecond);
      const goes = tokens >= 1;
      left.set(key, { tokens: goes ? tokens - 1 : tokens, at: now });
      return goes ? 0 : Math.max(1, Math.ceil((1 - tokens) / pace.perSecond));
    },
  };
}
