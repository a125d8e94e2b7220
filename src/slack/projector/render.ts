/** A message's key → what it should say now; null: there is nothing to say (yet). */
import type { Engine } from '../../engine/engine.ts';
import { readIncidentStory } from '../../engine/read-incident-story.ts';
import { readHealthAnswer } from '../../journal/health.ts';
import type { MessageRow } from '../../journal/messages.ts';
import { readNotice } from '../../journal/notices.ts';
import { countStorm, readPage, readStorm } from '../../journal/storms.ts';
import type { Rendered } from '../blocks.ts';
import { healthView } from '../views/health.ts';
import { incidentRoot } from '../views/incident-root.ts';
import { incidentClosing, incidentDiagnosis, incidentRecovery } from '../views/incident-thread.ts';
import { noticeView } from '../views/notice.ts';
import { stepView } from '../views/step.ts';
import { stormPage, stormRoot } from '../views/storm.ts';

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
    case 'storm':
      return renderStorm(engine, row.subject, row.slot);
    case 'incident':
      return renderIncident(engine, row.subject, row.slot);
    default:
      return row.surface satisfies never;
  }
}

async function renderStorm(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  const { pool } = engine.journal;
  if (slot.startsWith('page-')) {
    const page = Number(slot.slice('page-'.length));
    return stormPage(page, await readPage(pool, id, page));
  }
  const storm = await readStorm(pool, id);
  return storm === null ? null : stormRoot(storm, await countStorm(pool, id));
}

async function renderIncident(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  const story = await readIncidentStory(engine.journal.pool, id, slot === 'root' ? 'root' : 'all');
  if (story === null) return null;
  if (slot.startsWith('step-'))
    return stepView(story, Number(slot.slice('step-'.length)), engine.catalog.organisation);
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
