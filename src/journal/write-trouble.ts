/** Whether the journal takes writes: a server whose disk is full still answers every question. */

import type { Pool } from 'pg';
import pg from 'pg';

/** PostgreSQL's error codes (its appendix A) for a server that can't write, whatever is written. */
const WHY: Readonly<Record<string, string>> = {
  '53100': 'its disk is full: make room there, and it goes on by itself',
  '53200': 'it is out of memory',
  '58030': 'its disk fails (see PostgreSQL’s log)',
  '25006': 'it is read-only: is this a replica?',
};

export interface WriteTrouble {
  /** Remembers an error that says so; any other is none of its business. */
  note(error: unknown): void;
  /** What was last wrong, for people; null: nothing is known to be. */
  last(): string | null;
  /** The same, after a try when something was wrong: that it is over is found here. */
  check(): Promise<string | null>;
}

/** Enough that the server must ask its disk for room. */
const TRIED_CHARACTERS = 96 * 1024;

export function createWriteTrouble(pool: Pool): WriteTrouble {
  let why: string | null = null;
  const note = (error: unknown): void => {
    const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
    why = WHY[code] ?? why;
  };
  return {
    note,
    last: () => why,
    async check() {
      if (why === null) return null;
      const client = await pool.connect();
      try {
        await client.query('begin');
        // Random, so that it can't be compressed; rolled back, so that nothing stays.
        await client.query(
          `insert into dead_letters (source, problem, body) select 'try', 'try', string_agg(md5(random()::text), '')
           from generate_series(1, $1)`,
          [TRIED_CHARACTERS / 32],
        );
        why = null;
      } catch (error) {
        note(error);
      } finally {
        await client.query('rollback').catch(() => undefined);
        client.release();
      }
      return why;
    },
  };
}
