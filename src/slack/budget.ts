/** How much one person may ask for: nobody's curiosity delays an alert. Decisions and what stops things never count. */

export interface Budget {
  /**
   * Counts one request. `ok`: go on; `tell`: too many in this minute, say so; `silent`: that was said already.
   * `most`: requests a minute.
   */
  take(person: string, most: number): 'ok' | 'tell' | 'silent';
}

/** Commands that are never too many: decisions, and what stops something. */
export const ALWAYS_TAKEN: ReadonlySet<string> = new Set(['approve', 'deny', 'done', 'abort', 'halt']);

/** Requests a minute: of a member, and of anybody else, who gets help and nothing more. */
export const MOST_A_MINUTE = { member: 60, other: 5 } as const;
const MINUTE_MS = 60_000;
/** People remembered; the longest known are forgotten first. */
const KEPT = 10_000;

export function createBudget(now: () => number = () => performance.now()): Budget {
  const minutes = new Map<string, { readonly since: number; count: number; isTold: boolean }>();
  return {
    take(person, most) {
      const known = minutes.get(person);
      const minute =
        known !== undefined && now() - known.since < MINUTE_MS
          ? known
          : { since: now(), count: 0, isTold: false };
      if (minute !== known) {
        minutes.delete(person);
        minutes.set(person, minute);
        for (const oldest of minutes.keys()) {
          if (minutes.size <= KEPT) break;
          minutes.delete(oldest);
        }
      }
      minute.count += 1;
      if (minute.count <= most) return 'ok';
      if (minute.isTold) return 'silent';
      minute.isTold = true;
      return 'tell';
    },
  };
}

export const tooMany = (most: number): string =>
  `You have asked too many times: at most ${most} requests a minute. Try again in a minute.`;
