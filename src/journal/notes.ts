/** What people add to an incident's story. */
import type { Tx } from './open-journal.ts';

export interface NoteRow {
  readonly incidentId: number;
  readonly person: string;
  readonly text: string;
}

/** False: the very same event was taken before. */
export async function insertNote(tx: Tx, key: string, note: NoteRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into notes (key, incident_id, person, text) values ($1, $2, $3, $4) on conflict do nothing',
    [key, note.incidentId, note.person, note.text],
  );
  return rowCount === 1;
}
