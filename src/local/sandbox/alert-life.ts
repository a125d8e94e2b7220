/** When an alert of the sandbox begins, is sent again, and ends: pure rules. Times are milliseconds. */
export type AlertLife =
  | { readonly state: 'quiet' }
  | {
      readonly state: 'firing';
      readonly startsAt: number;
      /** Readings in a row without the condition. */
      readonly calm: number;
      /** Whether the bot may have heard of it: its end is then told too. */
      readonly wasSent: boolean;
      readonly failures: number;
      readonly sendAt: number;
    }
  | {
      readonly state: 'ending';
      readonly startsAt: number;
      readonly endsAt: number;
      readonly failures: number;
      readonly sendAt: number;
    };

/** Readings in a row without the condition after which the alert is over. */
const CALM_READINGS = 2;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** `holds`: whether the condition is there; null: it could not be read, which says nothing. */
export function observe(life: AlertLife, holds: boolean | null, now: number): AlertLife {
  if (holds === null) return life;
  switch (life.state) {
    case 'quiet':
      return holds ? begin(now) : life;
    case 'firing': {
      if (holds) return life.calm === 0 ? life : { ...life, calm: 0 };
      if (life.calm + 1 < CALM_READINGS) return { ...life, calm: life.calm + 1 };
      return life.wasSent
        ? { state: 'ending', startsAt: life.startsAt, endsAt: now, failures: 0, sendAt: now }
        : { state: 'quiet' };
    }
    case 'ending':
      return holds ? begin(now) : life;
    default:
      return life satisfies never;
  }
}

function begin(now: number): AlertLife {
  return { state: 'firing', startsAt: now, calm: 0, wasSent: false, failures: 0, sendAt: now };
}

export function isDue(life: AlertLife, now: number): boolean {
  return life.state !== 'quiet' && now >= life.sendAt;
}

/** What sending it came to: `accepted` is a 2xx. A firing alert is sent again after `repeatMs`. */
export function sent(life: AlertLife, accepted: boolean, now: number, repeatMs: number): AlertLife {
  if (life.state === 'quiet') return life;
  const failures = accepted ? 0 : life.failures + 1;
  const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
  if (life.state === 'firing') {
    return { ...life, wasSent: true, failures, sendAt: now + (accepted ? repeatMs : retryMs) };
  }
  return accepted ? { state: 'quiet' } : { ...life, failures, sendAt: now + retryMs };
}
