/** A message's key → what it should say now; null: there is nothing to say (yet). */
import type { Engine } from '../../engine/engine.ts';
import { readIncidentStory, readRunStory } from '../../engine/read-incident-story.ts';
import { readAbsence } from '../../journal/absences.ts';
import { readHealthAnswer } from '../../journal/health.ts';
import type { MessageRow } from '../../journal/messages.ts';
import { readNotice } from '../../journal/notices.ts';
import type { Rendered } from '../blocks.ts';
import { absenceView } from '../views/absence.ts';
import { healthView } from '../views/health.ts';
import { incidentRoot } from '../views/incident-root.ts';
import { incidentClosing, incidentDiagnosis, incidentRecovery } from '../views/incident-thread.ts';
import { noticeView } from '../views/notice.ts';
import { runOverview, runRoot } from '../views/run.ts';
import { stepView } from '../views/step.ts';

export async function render(
  engine: Engine,
  row: Pick<MessageRow, 'surface' | 'subject' | 'slot'>,
): Promise<Rendered | null> {
  const { pool } = engine.journal;
  switch (row.surface) {
    case 'health': {
      const answer = await readHealthAnswer(pool, row.subject);
      return answer === null ? null : healthView(answer);
    }
    case 'notice': {
      const notice = await readNotice(pool, row.subject);
      return notice === null ? null : noticeView(notice);
    }
    case 'absence': {
      const absence = await readAbsence(pool, row.subject);
      return absence === null ? null : absenceView(absence);
    }
    case 'run':
      return renderRun(engine, row.subject, row.slot);
    case 'incident':
      return renderIncident(engine, row.subject, row.slot);
    default:
      return row.surface satisfies never;
  }
}

async function renderRun(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  const story = await readRunStory(engine.journal.pool, id);
  if (story === null) return null;
  if (slot === 'root') return runRoot(story);
  if (slot === 'recovery') return incidentRecovery(story);
  if (slot.startsWith('step-'))
    return stepView(story, Number(slot.slice('step-'.length)), engine.catalog.organisation);
  return null;
}

async function renderIncident(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  const story = await readIncidentStory(engine.journal.pool, id, slot === 'root' ? 'root' : 'all');
  if (story === null) return null;
  if (slot.startsWith('step-'))
    return stepView(story, Number(slot.slice('step-'.length)), engine.catalog.organisation);
  if (slot.startsWith('run-')) return runOverview(story, Number(slot.slice('run-'.length)));
  switch (slot) {
    case 'root':
      return incidentRoot(story);
    case 'diagnosis':
      return incidentDiagnosis(story);
    case 'recovery':
      return incidentRecovery(story);
    case 'closing':
      return incidentClosing(story);
    default:
      return null;
  }
}
