/** A note of a person becomes part of an incident's timeline and report. */
import { incidentId as incidentName } from '../../domain/ids.ts';
import { cut } from '../../domain/text.ts';
import { readIncident } from '../../journal/incidents.ts';
import { insertNote } from '../../journal/notes.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';

export interface Note {
  readonly incidentId: number;
  /** Who adds it. */
  readonly person: string;
  readonly text: string;
  /** Who wrote the message that is added; null: the one who adds it. */
  readonly wrote: string | null;
  /** Names Slack's event: the same one, sent again, adds nothing. */
  readonly key: string;
}

/** Characters. */
const LONGEST = 2000;

export async function addNote(engine: Engine, note: Note): Promise<Answer> {
  const refused = await notAMember(engine, note.person);
  if (refused !== null) return refused;
  const text = cut(engine.redact(note.text).trim(), LONGEST);
  if (text === '')
    return { ok: false, text: 'What should the note say? For example: note customers see 502' };
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await readIncident(draft.tx, note.incidentId);
    const name = incidentName(note.incidentId);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    const added = await insertNote(draft.tx, note.key, {
      incidentId: note.incidentId,
      person: note.person,
      text,
    });
    if (!added) return { ok: true, text: `This is in the timeline of ${name} already.` };
    const of = note.wrote === null || note.wrote === note.person ? '' : ` (${note.wrote} wrote it)`;
    draft.event(note.incidentId, note.person, `note${of}: ${text}`);
    draft.audit({ kind: 'incident.noted', actor: note.person, subject: name, payload: { text } });
    return { ok: true, text: `Added to the timeline of ${name}.` };
  });
}
