/** Names of the databases that a restore makes and keeps; PostgreSQL cuts names at 63 bytes, so they are cut here. */
import { dayAndTime } from '../backup-folder.ts';

const LONGEST = 63;

/** `dbis_core_before_20240101235959`. */
export function besideName(database: string, word: 'new' | 'before' | 'undone', now: Date): string {
  const ending = `_${word}_${dayAndTime(now).join('')}`;
  let name = database;
  while (Buffer.byteLength(name + ending) > LONGEST) name = [...name].slice(0, -1).join('');
  return name + ending;
}

/** What may stand in a program's argument without meaning anything else there. */
export const PLAIN_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.$-]*$/u;
