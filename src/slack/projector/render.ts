/** A message's key → what it should say now; null: there is nothing to say (yet). */

import { operationsFor } from '../../domain/choose-runbook.ts';
import { holders } from '../../domain/organisation.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { findService, findSystem } from '../../engine/core/definitions.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { checklistOf } from '../../engine/maintenance/checklist.ts';
import { readEscalationStory } from '../../engine/reading/read-escalation-story.ts';
import { readHealthPast } from '../../engine/reading/read-health-past.ts';
import {
  type IncidentStory,
  readIncidentStory,
  readRunStory,
} from '../../engine/reading/read-incident-story.ts';
import { readAbsence } from '../../journal/absences.ts';
import { dbNow } from '../../journal/clock.ts';
import { readHealthAnswer } from '../../journal/health.ts';
import { readIncident } from '../../journal/incidents.ts';
import { readLookup } from '../../journal/lookups.ts';
import { readMaintenanceStory } from '../../journal/maintenances.ts';
import type { MessageRow } from '../../journal/messages.ts';
import { readNotice } from '../../journal/notices.ts';
import { shownPicture } from '../../journal/pictures.ts';
import { readRise } from '../../journal/severity-rises.ts';
import { countStorm, readPage, readStorm } from '../../journal/storms.ts';
import type { Rendered } from '../blocks.ts';
import { absenceView } from '../views/absence.ts';
import { escalationView } from '../views/escalation.ts';
import { healthView } from '../views/health.ts';
import { incidentRoot } from '../views/incident-root.ts';
import { incidentClosing, incidentDiagnosis, incidentRecovery } from '../views/incident-thread.ts';
import { lookupView } from '../views/lookup.ts';
import { maintenanceChecklist, maintenanceRoot } from '../views/maintenance.ts';
import { noticeView } from '../views/notice.ts';
import { riseView } from '../views/rise.ts';
import { runOverview, runRoot } from '../views/run.ts';
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
      if (answer === null) return null;
      const [{ system = '', services = [] } = {}] = answer.parts;
      const one = answer.scope === 'service' ? findService(engine, system, services[0] ?? '') : null;
      return healthView(answer, await readHealthPast(pool, answer), one?.notes);
    }
    case 'lookup': {
      const lookup = await readLookup(pool, row.subject);
      if (lookup === null) return null;
      return lookupView(
        lookup,
        await shownPicture(pool, { surface: 'lookup', subject: row.subject, slot: row.slot }),
      );
    }
    case 'notice': {
      const notice = await readNotice(pool, row.subject);
      return notice === null ? null : noticeView(notice);
    }
    case 'absence': {
      const absence = await readAbsence(pool, row.subject);
      return absence === null ? null : absenceView(absence);
    }
    case 'maintenance':
      return renderMaintenance(engine, row.subject, row.slot);
    case 'run':
      return renderRun(engine, row.subject, row.slot);
    case 'storm':
      return renderStorm(engine, row.subject, row.slot);
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
  if (slot.startsWith('escalation-')) return renderEscalation(engine, slot);
  if (slot === 'recovery') return incidentRecovery(story);
  if (slot.startsWith('step-'))
    return stepView(story, Number(slot.slice('step-'.length)), engine.catalog.organisation);
  return null;
}

async function renderMaintenance(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  const story = await readMaintenanceStory(engine.journal.pool, id);
  if (story === null) return null;
  const checklist = checklistOf(engine);
  return slot === 'root' ? maintenanceRoot(story, checklist) : maintenanceChecklist(story, checklist);
}

async function renderEscalation(engine: Engine, slot: string): Promise<Rendered | null> {
  const story = await readEscalationStory(engine.journal.pool, Number(slot.slice('escalation-'.length)));
  return story === null ? null : escalationView(story, engine.catalog.organisation);
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

/** By the labels of its first alert. */
function operationsOf(engine: Engine, { incident, alerts }: IncidentStory): readonly Runbook[] {
  const { alertname, system, service } = incident;
  if (system === null) return [];
  const labels = { ...alerts[0]?.labels, alertname, ...(service === null ? {} : { service }) };
  return operationsFor(engine.catalog, system, labels);
}

async function renderRise(engine: Engine, id: number, n: number): Promise<Rendered | null> {
  const { pool } = engine.journal;
  const [incident, rise, now] = await Promise.all([
    readIncident(pool, id),
    readRise(pool, id, n),
    dbNow(pool),
  ]);
  if (incident === null || rise === null) return null;
  return riseView(incident, rise, holders(engine.catalog.organisation, 'on-call', now));
}

async function renderIncident(engine: Engine, id: number, slot: string): Promise<Rendered | null> {
  if (slot.startsWith('escalation-')) return renderEscalation(engine, slot);
  if (slot.startsWith('rise-')) return renderRise(engine, id, Number(slot.slice('rise-'.length)));
  const parts = slot === 'root' ? 'root' : slot === 'closing' ? 'all' : 'thread';
  const story = await readIncidentStory(engine.journal.pool, id, parts);
  if (story === null) return null;
  if (slot.startsWith('step-'))
    return stepView(story, Number(slot.slice('step-'.length)), engine.catalog.organisation);
  if (slot.startsWith('run-')) return runOverview(story, Number(slot.slice('run-'.length)));
  switch (slot) {
    case 'root':
      return incidentRoot(story, findSystem(engine, story.incident.system ?? '')?.environment ?? null);
    case 'diagnosis':
      return incidentDiagnosis(
        story,
        findSystem(engine, story.incident.system ?? '')?.facts?.resilience,
        {
          systems: engine.catalog.systems.map(({ name }) => name),
          grafana: engine.settings.links.grafana ?? null,
        },
        operationsOf(engine, story),
      );
    case 'recovery':
      return incidentRecovery(story, story);
    case 'closing':
      return incidentClosing(story);
    default:
      return null;
  }
}
