/**
 * Pages go out at least once for each level: the journal says which are due, and one whose answer was lost, or whose
 * sender died, goes out again with the same key, by which the paging service knows it.
 */
import { pageSeverity } from '../../domain/escalation.ts';
import { incidentId as incidentName, stepId as stepName } from '../../domain/ids.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { oneLine } from '../../domain/text.ts';
import { type EscalationRow, markPage, takePages } from '../../journal/escalations.ts';
import { readIncident } from '../../journal/incidents.ts';
import { stepOfRequest } from '../../journal/requests.ts';
import { each } from '../core/each.ts';
import type { Engine, Pager } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';

/** Longer than one attempt may take. */
const LEASE_MS = 30_000;
const MOST_TRIES = 8;
const FIRST_AGAIN_MS = 2000;
const LONGEST_AGAIN_MS = 120_000;

export async function sendPages(engine: Engine): Promise<void> {
  const { pager } = engine;
  if (pager === undefined || engine.settings.role === 'gateway') return;
  const due = await takePages(engine.journal.pool, LEASE_MS);
  await each(due, (row) => send(engine, pager, row));
}

async function send(engine: Engine, pager: Pager, row: EscalationRow): Promise<void> {
  const result = await pager.send(await pageOf(engine, row), engine.signal);
  const canAgain = !result.sent && result.again && row.pageTries < MOST_TRIES;
  const wait = Math.min(LONGEST_AGAIN_MS, FIRST_AGAIN_MS * 2 ** (row.pageTries - 1));
  await perform(engine, async (draft) => {
    await markPage(draft.tx, row.id, {
      problem: result.sent ? null : engine.redact(result.why),
      againMs: canAgain ? wait : null,
    });
    const run = { id: row.runId ?? 0, incidentId: row.incidentId, afterRun: null };
    draft.want(runMessage(engine, run, `escalation-${row.id}`));
    if (result.sent) draft.event(row.incidentId, 'pageturner', `paged for level ${row.level}`);
  });
}

async function pageOf(engine: Engine, row: EscalationRow) {
  const { pool } = engine.journal;
  const incident = row.incidentId === null ? null : await readIncident(pool, row.incidentId);
  const step = row.surface === 'request' ? await stepOfRequest(pool, { id: row.subject }) : null;
  const what = step === null ? incidentName(row.subject) : stepName(step);
  const about =
    incident === null
      ? ''
      : ` ${incident.alertname} · ${[incident.system, incident.service].filter((part) => part !== null).join(' / ')}`;
  const asks = step === null ? 'nobody has taken it' : 'nobody has decided on it';
  const { bridge } = rulesOf(engine.catalog.organisation);
  return {
    dedupKey: `pageturner/${row.surface}-${row.subject}/${row.id}/level-${row.level}`,
    summary: engine.redact(oneLine(`${what}${about}: ${asks}`, 1000)),
    severity: pageSeverity(incident?.severity ?? 'error'),
    source: incident?.system ?? 'pageturner',
    details: {
      what,
      level: String(row.level),
      role: row.role,
      people: row.people.join(', '),
      ...(bridge === null ? {} : { bridge }),
    },
  };
}
