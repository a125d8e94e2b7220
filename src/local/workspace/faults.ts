/** Faults for tests: what the next calls of a method meet. */
export type Fault =
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is reset: before the call takes effect, or after (a lost answer). */
  | { readonly kind: 'reset'; readonly after: boolean };

export interface Faults {
  /** The next `times` calls of `method` (`*`: any) meet the fault. */
  next(method: string, fault: Fault, times?: number): void;
  clear(): void;
  take(method: string): Fault | null;
}

export function createFaults(): Faults {
  let waiting: { method: string; fault: Fault; left: number }[] = [];
  return {
    next(method, fault, times = 1) {
      waiting.push({ method, fault, left: times });
    },
    clear() {
      waiting = [];
    },
    take(method) {
      const found = waiting.find(
        (entry) => entry.left > 0 && (entry.method === method || entry.method === '*'),
      );
      if (found === undefined) return null;
      found.left -= 1;
      waiting = waiting.filter((entry) => entry.left > 0);
      return found.fault;
    },
  };
}
