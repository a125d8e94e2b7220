/** Maintenance: begun by somebody with a role, in the window or for an open incident; a checklist, silences, an end. */
import { incidentId as incidentName, maintenanceId } from '../../domain/ids.ts';
import { judgeMaintenance, type MaintenanceAsk } from '../../domain/maintenance.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { sayInstant } from '../../domain/windows.ts';
import { dbNow } from '../../journal/clock.ts';
import { readIncident } from '../../journal/incidents.ts';
import {
  endMaintenance,
  endSilences,
  findMaintenance,
  insertMaintenance,
  type MaintenanceRow,
  openMaintenance,
  wantSilence,
} from '../../journal/maintenances.ts';
import { readTicks, tick, untick } from '../../journal/ticks.ts';
import { dropTimer, setTimer, takeTimer } from '../../journal/timers.ts';
import type { TickAsk } from '../changes/tick-boxes.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember, roleOf } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { maintenanceMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { checklistOf } from './checklist.ts';
import { alertmanagerOf } from './set-silences.ts';

const NOT_AUTHORISED: Answer = {
  ok: false,
  text: 'You are not authorised: only the tech lead, the duty officer or whoever is on call begins and ends a maintenance.',
};

export async function startMaintenance(
  engine: Engine,
  ask: MaintenanceAsk & { readonly person: string; readonly askedKey: string },
): Promise<Answer> {
  const stranger = await notAMember(engine, ask.person);
  if (stranger !== null) return stranger;
  const as = await roleOf(engine, ask.person);
  if (as === null) return NOT_AUTHORISED;
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = ask.incidentId === null ? null : await readIncident(draft.tx, ask.incidentId);
    const isOpen = incident !== null && incident.state !== 'resolved';
    const now = await dbNow(draft.tx);
    const judged = judgeMaintenance(ask, isOpen, rulesOf(engine.catalog.organisation), now);
    if ('word' in judged) return { ok: false, text: judged.sentence };
    const open = await openMaintenance(draft.tx, true);
    if (open !== null) return alreadyOpen(open);
    const reason = engine.redact(ask.reason);
    const row = await insertMaintenance(draft.tx, {
      askedBy: ask.person,
      askedKey: ask.askedKey,
      authority: as,
      reason,
      systems: ask.systems,
      incidentId: ask.incidentId,
      endsAt: judged.endsAt,
    });
    if (row === null) return alreadyOpen(await openMaintenance(draft.tx));
    for (const system of row.systems) {
      const problem =
        alertmanagerOf(engine, system) === null ? 'no Alertmanager is configured (ALERTMANAGER_URL)' : null;
      await draft.write(wantSilence(row.id, system, problem));
    }
    await draft.write(setTimer('maintenance.end', row.id, row.endsAt.getTime() - now.getTime()));
    want(engine, draft, row.id);
    const name = maintenanceId(row.id);
    if (row.incidentId !== null) draft.event(row.incidentId, ask.person, `began ${name}: ${reason}`);
    draft.audit({
      kind: 'maintenance.begun',
      actor: ask.person,
      subject: name,
      payload: {
        as,
        reason,
        systems: row.systems,
        until: row.endsAt.toISOString(),
        ...(row.incidentId === null ? {} : { emergency: `emergency ${incidentName(row.incidentId)}` }),
      },
    });
    const note = judged.note === null ? '' : ` (${judged.note})`;
    return {
      ok: true,
      text: `${name} has begun, for ${row.systems.join(', ')}, until ${sayInstant(row.endsAt)}${note}.`,
    };
  });
}

function alreadyOpen(open: MaintenanceRow | null): Answer {
  if (open === null) return { ok: false, text: 'This was already decided upon: it was sent twice.' };
  return {
    ok: false,
    text: `This was already decided: ${maintenanceId(open.id)} is under way until ${sayInstant(open.endsAt)}. End it first.`,
  };
}

export async function stopMaintenance(engine: Engine, person: string): Promise<Answer> {
  const stranger = await notAMember(engine, person);
  if (stranger !== null) return stranger;
  const as = await roleOf(engine, person);
  if (as === null) return NOT_AUTHORISED;
  return perform(engine, async (draft): Promise<Answer> => {
    const open = await openMaintenance(draft.tx, true);
    if (open === null) return { ok: false, text: 'No maintenance is under way.' };
    const left = await finish(engine, draft, open, person);
    const said = left === 0 ? '' : ` ${left} boxes of its checklist are open.`;
    return { ok: true, text: `${maintenanceId(open.id)} has ended.${said}` };
  });
}

/** Its time is up. */
export async function maintenanceIsOver(engine: Engine, id: number): Promise<void> {
  await perform(engine, async (draft) => {
    const open = await openMaintenance(draft.tx, true);
    if (!(await takeTimer(draft.tx, 'maintenance.end', id)) || open?.id !== id) return;
    await finish(engine, draft, open, 'pageturner');
  });
}

/** How many boxes were left open. */
async function finish(engine: Engine, draft: Draft, open: MaintenanceRow, by: string): Promise<number> {
  await draft.write(endMaintenance(open.id, by));
  await draft.write(endSilences(open.id));
  await draft.write(dropTimer('maintenance.end', open.id));
  const ticked = new Set((await readTicks(draft.tx, 'maintenance', open.id)).map(({ item }) => item));
  const left = checklistOf(engine).flatMap(({ items }) => items.filter(({ key }) => !ticked.has(key)));
  draft.audit({
    kind: 'maintenance.ended',
    actor: by,
    subject: maintenanceId(open.id),
    payload: { open: left.map(({ label }) => label) },
  });
  want(engine, draft, open.id);
  return left.length;
}

/** The checklist stays open after the end: what comes afterwards is on it too. */
export async function tickChecklist(engine: Engine, ask: TickAsk): Promise<Answer> {
  const refused = await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const row = await findMaintenance(draft.tx, ask.token);
    if (row === null)
      return { ok: false, text: 'This is an unknown request: nothing here waits under that id.' };
    const items = checklistOf(engine).flatMap((part) => part.items);
    const added = items.filter(({ key }) => ask.ticked.includes(key));
    const removed = items.filter(({ key }) => ask.unticked.includes(key));
    for (const { key } of added) await draft.write(tick('maintenance', row.id, key, ask.person));
    for (const { key } of removed) await draft.write(untick('maintenance', row.id, key));
    want(engine, draft, row.id);
    for (const [kind, list] of [
      ['checklist.ticked', added],
      ['checklist.unticked', removed],
    ] as const) {
      if (list.length === 0) continue;
      const payload = { items: list.map(({ label }) => label) };
      draft.audit({ kind, actor: ask.person, subject: maintenanceId(row.id), payload });
    }
    return { ok: true, text: 'Noted.' };
  });
}

function want(engine: Engine, draft: Draft, id: number): void {
  draft.want(maintenanceMessage(engine, id, 'root'), maintenanceMessage(engine, id, 'checklist'));
}
