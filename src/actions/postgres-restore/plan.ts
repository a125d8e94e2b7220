/** What a restore will do, worked out from the live database and the file. Only reads. */
import { type ActionContext, isRefused, type PlanDraft, type Refused } from '../../domain/action.ts';
import { shownAddress, type Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import type { Inspected } from '../postgres/inspect.ts';
import { onPostgres } from '../postgres/on-postgres.ts';
import { allRows } from '../postgres/scan-dump.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import { type Dump, type OpenFile, openDump } from './dump.ts';
import { type Replaceable, saySession, whyNotReplaced } from './guard.ts';
import { openInPlace } from './private-copy.ts';
import { freeOnServer } from './room.ts';

const SESSIONS_SHOWN = 10;
/** Of the uncompressed dump: rows on disk have headers, and indexes are made anew. */
const ROOM = 1.5;

export interface RestoreSettings {
  readonly file: string;
}
export interface RestoreOptions {
  /** Where psql and pg_restore are looked for; left out: Debian's folders and PATH. */
  readonly folders?: readonly string[];
}

export interface Ready {
  readonly inspected: Inspected;
  readonly dump: Dump;
  readonly replaceable: Replaceable;
  readonly draft: PlanDraft;
}

export async function prepareRestore(
  target: Target,
  { file }: RestoreSettings,
  context: ActionContext,
  options: RestoreOptions,
  open: OpenFile = openInPlace,
): Promise<Ready | Refused> {
  return onPostgres(target, context, async (client, inspected): Promise<Ready | Refused> => {
    const replaceable = await whyNotReplaced(client, target, inspected, context.self);
    if (isRefused(replaceable)) return replaceable;
    const source = { name: file, major: inspected.major, folders: options.folders, open };
    const dump = await openDump(target, source, context.signal);
    if (isRefused(dump)) return dump;
    const free = await freeOnServer(client, inspected.systemIdentifier);
    const need = dump.contents.bytes * ROOM;
    if (free !== null && free < need) {
      await dump.close();
      return {
        refused: `the server's disk has ${sayBytes(free)} free, and the database from ${file} needs about ${sayBytes(need)} beside the old one`,
      };
    }
    return { inspected, dump, replaceable, draft: draft(target, inspected, dump, replaceable, free, need) };
  });
}

function draft(
  target: Target,
  inspected: Inspected,
  dump: Dump,
  { sessions, slots, left, role, makesRoles }: Replaceable,
  free: number | null,
  need: number,
): PlanDraft {
  const { database } = inspected;
  const name = oneLine(database, 63);
  const shown = sessions.slice(0, SESSIONS_SHOWN).map(saySession);
  const rest = sessions.length - shown.length;
  return {
    identity: {
      ...inspected.identity,
      file: dump.name,
      file_bytes: dump.bytes,
      file_sha256: dump.sha256,
      file_format: dump.format,
      dumped_from: dump.contents.dumpedFrom,
    },
    marker: inspected.marker,
    scope: {
      kind: 'call',
      does: `replace database ${name} by what ${dump.name} holds; the one that is there stays as ${name}_before_TIME`,
    },
    preview: [
      `${shownAddress(target.url ?? '')} · PostgreSQL ${inspected.version} · database ${name}${inspected.bytes === null ? '' : `, ${sayBytes(inspected.bytes)}`}`,
      `${dump.name}: ${sayBytes(dump.bytes)}, from PostgreSQL ${dump.contents.dumpedFrom ?? '?'}, ${sayCount(dump.contents.tables, 'table')}, ${sayCount(allRows(dump.contents), 'row')}`,
      'it is loaded into a new database beside the old one, its rows are counted, then the two change names at once',
      'what was written since the dump was made is not in it',
      makesRoles
        ? 'its SQL runs as a role that is made for it, which can do nothing outside of the new database'
        : `⚠ its SQL runs with the rights of ${oneLine(role, 63)}, which may not make a role for it (grant it CREATEROLE)`,
      sessions.length === 0
        ? 'nobody is connected now; whoever is then will be ended'
        : `will be ended: ${sayCount(sessions.length, 'session')} (${shown.join(', ')}${rest > 0 ? `, ${rest} more` : ''}), and whoever else is connected then`,
      ...(slots > 0
        ? [`⚠ ${sayCount(slots, 'replication slot')} of ${name} will follow the old database`]
        : []),
      ...(left.length > 0
        ? [
            `left by an earlier attempt, to be dropped by hand: ${left.map((beside) => oneLine(beside, 63)).join(', ')}`,
          ]
        : []),
      free === null
        ? `⚠ the room on the server's disk can't be seen from here; about ${sayBytes(need)} are needed`
        : `room: ${sayBytes(free)} free on the server's disk, about ${sayBytes(need)} needed`,
    ],
    undo: {
      kind: 'made',
      how: `the database that is there now stays on the same server under the name ${name}_before_TIME; undone, the two change names again`,
      estimatedBytes: UNDO_BYTES,
    },
  };
}

/** Of the note that says which database to bring back. */
const UNDO_BYTES = 512;
