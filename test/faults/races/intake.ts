/** Races about alerts: copies, ends before beginnings, new fire while the old one is being closed. */
import { changeIncident } from '../../../src/engine/incidents/change-incident.ts';
import { receiveAlerts } from '../../../src/engine/intake/receive-alerts.ts';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { type Arena, HOLD_INTAKE, holdIncident } from './arena.ts';
import { groupOf, incidentState, must, newName, openIncident, values } from './scenes.ts';

async function incidentsOf(arena: Arena, name: string): Promise<readonly { id: number; state: string }[]> {
  return arena.database.query<{ id: number; state: string }>(
    'select id::float8 as id, state from incidents where group_key = $1 order by id',
    [name],
  );
}

export async function sameWebhookTwice(arena: Arena): Promise<void> {
  const name = newName();
  const ids = values(
    await arena.lineUp(
      HOLD_INTAKE,
      [arena.a, arena.b, arena.a, arena.b].map((engine) => () => receiveAlerts(engine, groupOf(name))),
    ),
  );
  must(new Set(ids.flat()).size === 1, `the copies went to ${ids.flat().join(', ')}`);
  must((await incidentsOf(arena, name)).length === 1, 'more than one incident for one alert');
}

export async function endAgainstBeginning(arena: Arena): Promise<void> {
  const name = newName();
  values(
    await arena.lineUp(HOLD_INTAKE, [
      () => receiveAlerts(arena.a, groupOf(name)),
      () => receiveAlerts(arena.b, groupOf(name, { status: 'resolved' })),
    ]),
  );
  const found = await incidentsOf(arena, name);
  must(found.length === 1 && found[0]?.state === 'resolved', `the incidents are ${JSON.stringify(found)}`);
}

/** Whichever comes first, it fires at the end: one story, reopened, or never closed. */
export async function firesAgainWhileClosing(arena: Arena): Promise<void> {
  const name = newName();
  await openIncident(arena.a, name);
  values(
    await arena.lineUp(HOLD_INTAKE, [
      () => receiveAlerts(arena.a, groupOf(name, { status: 'resolved', endsAt: '2026-01-10T03:10:00Z' })),
      () => receiveAlerts(arena.b, groupOf(name, { startsAt: '2026-01-10T03:11:00Z' })),
    ]),
  );
  const found = await incidentsOf(arena, name);
  must(found.length === 1 && found[0]?.state === 'firing', `the incidents are ${JSON.stringify(found)}`);
}

/** Somebody clicks Resolve while another alert of the group arrives: no alert may fire in a closed incident. */
export async function resolvedByHandWhileFiring(arena: Arena): Promise<void> {
  const name = newName();
  const id = await openIncident(arena.a, name);
  values(
    await arena.lineUp<unknown>(holdIncident(id), [
      () => changeIncident(arena.a, id, 'resolve', PEOPLE.onCall.id),
      () => receiveAlerts(arena.b, groupOf(name, { instance: 'two' })),
    ]),
  );
  const rows = await arena.database.query<{ n: number }>(
    `select count(*)::int as n from alerts a join incidents i on i.id = a.incident_id
     where a.status = 'firing' and i.state = 'resolved' and i.group_key = $1`,
    [name],
  );
  must(rows[0]?.n === 0, `an alert fires in INC-${id}, which is ${await incidentState(arena, id)}`);
}
