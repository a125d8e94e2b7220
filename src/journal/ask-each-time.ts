/** For a few questions at long intervals: a connection for each, so that none is left open between them. */
import { connectJournal, type JournalAddress } from './connection.ts';
import type { Tx } from './open-journal.ts';

const BOUNDS = { connectMs: 5000, queryMs: 5000 };

export function askEachTime(address: JournalAddress): Tx {
  return {
    async query(text, values) {
      const client = await connectJournal(address, BOUNDS);
      try {
        return await client.query(text, values);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
}
