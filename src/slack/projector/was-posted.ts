/**
 * Whether a message may be in Slack already, and where. What this process has never tried to post was tried, if at
 * all, by one that is gone: for all of those one look at the channel is enough.
 */
import type { MessageRow } from '../../journal/messages.ts';
import type { SlackPort } from '../slack-client.ts';
import { findPosted, type Posted, postedAs, readPosted, type Wanted } from './find-posted.ts';

const REMEMBERED = 5000;
const AGAIN_MS = 60_000;

export interface PostMemory {
  /** Nobody else can have posted it, and neither has this process: no look is needed. */
  isFirst(row: MessageRow): boolean;
  begin(row: MessageRow): void;
  /** Slack said that it did not take it. */
  notPosted(row: MessageRow): void;
  /** A root that was not there before: nothing can be in its thread yet. */
  rootIsNew(row: MessageRow): void;
  /** The `ts` of each copy, oldest first; null when Slack can't say. */
  find(row: MessageRow, channel: string, wanted: Wanted): Promise<readonly string[] | null>;
  /** Whether a thread whose root is gone may be posted again now: not twice within a minute. */
  mayPostAgain(row: MessageRow): boolean;
  /** Another process has had the channel meanwhile. */
  forget(): void;
}

/** Remembers the last few thousand; the oldest are forgotten first. */
function remember(set: Set<string>, key: string): void {
  set.add(key);
  for (const oldest of set) {
    if (set.size <= REMEMBERED) break;
    set.delete(oldest);
  }
}

export function createPostMemory(slack: SlackPort, worker: string): PostMemory {
  const begun = new Set<string>();
  const postedAgainAt = new Map<string, number>();
  const newRoots = new Set<string>();
  let look: { readonly since: number; readonly posted: Posted } | null = null;
  const idOf = (row: MessageRow): string => String(row.id);
  const threadOf = (row: MessageRow): string => `${row.surface}/${row.subject}`;
  return {
    isFirst(row) {
      if (begun.has(idOf(row))) return false;
      if (row.postingSince === null || row.postingBy === worker) return true;
      return row.parent !== null && newRoots.has(threadOf(row));
    },
    begin: (row) => remember(begun, idOf(row)),
    notPosted: (row) => void begun.delete(idOf(row)),
    rootIsNew: (row) => remember(newRoots, threadOf(row)),
    async find(row, channel, wanted) {
      const since = row.postingSince ?? new Date();
      const where = { channel, threadTs: row.threadTs, since };
      if (row.threadTs !== null || begun.has(idOf(row))) return findPosted(slack, where, wanted);
      if (look === null || look.since > since.getTime()) {
        const posted = await readPosted(slack, where);
        if (posted === null) return null;
        look = { since: since.getTime(), posted };
      }
      return postedAs(look.posted, wanted);
    },
    mayPostAgain(row) {
      const now = performance.now();
      if (now - (postedAgainAt.get(threadOf(row)) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return false;
      if (postedAgainAt.size > REMEMBERED) postedAgainAt.clear();
      postedAgainAt.set(threadOf(row), now);
      newRoots.delete(threadOf(row));
      return true;
    },
    forget() {
      look = null;
      newRoots.clear();
    },
  };
}
