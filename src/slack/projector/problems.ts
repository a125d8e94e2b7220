/** What Slack refuses at present, for `/readyz`. */
import type { MessageRow } from '../../journal/messages.ts';
import { keyOf } from './projection.ts';

export interface Problems {
  /** Null: this message is as it should be. */
  report(row: MessageRow, problem: string | null): void;
  /** The last one, and how many more; null: all is well. */
  say(): string | null;
}

/** What is still so is reported again within seconds; a message given up on is told for that long. */
const TOLD_MS = 60_000;
const KEPT = 1000;

export function createProblems(): Problems {
  const known = new Map<string, { readonly text: string; readonly until: number }>();
  return {
    report(row, text) {
      known.delete(keyOf(row));
      if (text === null) return;
      known.set(keyOf(row), { text, until: performance.now() + TOLD_MS });
      for (const oldest of known.keys()) {
        if (known.size <= KEPT) break;
        known.delete(oldest);
      }
    },
    say() {
      const now = performance.now();
      const present = [...known.values()].filter(({ until }) => until > now);
      const last = present.at(-1);
      if (last === undefined) return null;
      const more = new Set(present.map(({ text }) => text)).size - 1;
      return more > 0 ? `${last.text} (and ${more} more)` : last.text;
    },
  };
}
