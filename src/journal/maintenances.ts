/** Maintenances, one open at a time, and the silences that belong to them. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import { readTicks, type Tick } from './ticks.ts';

export interface SilenceRow {
  readonly maintenanceId: number;
  readonly system: string;
  readonly silenceId: string | null;
  readonly state: 'due' | 'set' | 'ending' | 'ended' | 'failed';
  readonly tries: number;
  readonly problem: string | null;
}

export interface MaintenanceRow {
  readonly id: number;
  readonly token: string;
  readonly askedBy: string;
  readonly authority: string;
  readonly reason: string;
  readonly systems: readonly string[];
  readonly incidentId: number | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
}

export interface MaintenanceStory {
  readonly maintenance: MaintenanceRow;
  readonly silences: readonly SilenceRow[];
  readonly ticks: readonly Tick[];
}

const COLUMNS = `id::float8 as id, token, asked_by as "askedBy", authority, reason, systems, incident_id::float8 as "incidentId",
  starts_at as "startsAt", ends_at as "endsAt", ended_at as "endedAt", ended_by as "endedBy"`;
const SILENCE_COLUMNS = `s.maintenance_id::float8 as "maintenanceId", s.system, s.silence_id as "silenceId", s.state, s.tries, s.problem`;

export async function insertMaintenance(
  tx: Tx,
  draft: Pick<MaintenanceRow, 'askedBy' | 'authority' | 'reason' | 'systems' | 'incidentId' | 'endsAt'> & {
    readonly askedKey: string;
  },
): Promise<MaintenanceRow | null> {
  const { rows } = await tx.query<MaintenanceRow>(
    `insert into maintenances (asked_by, asked_key, authority, reason, systems, incident_id, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning ${COLUMNS}`,
    [
      draft.askedBy,
      draft.askedKey,
      draft.authority,
      draft.reason,
      draft.systems,
      draft.incidentId,
      draft.endsAt,
    ],
  );
  return rows[0] ?? null;
}

export async function openMaintenance(tx: Tx, lock = false): Promise<MaintenanceRow | null> {
  const { rows } = await tx.query<MaintenanceRow>(
    `select ${COLUMNS} from maintenances where ended_at is null${lock ? ' for update' : ''}`,
  );
  return rows[0] ?? null;
}

export async function findMaintenance(tx: Tx, token: string): Promise<MaintenanceRow | null> {
  const { rows } = await tx.query<MaintenanceRow>(
    `select ${COLUMNS} from maintenances where token::text = $1`,
    [token],
  );
  return rows[0] ?? null;
}

export async function readMaintenanceStory(tx: Tx, id: number): Promise<MaintenanceStory | null> {
  const { rows } = await tx.query<MaintenanceRow>(`select ${COLUMNS} from maintenances where id = $1`, [id]);
  if (rows[0] === undefined) return null;
  const silences = await tx.query<SilenceRow>(
    `select ${SILENCE_COLUMNS} from silences s where s.maintenance_id = $1 order by s.system`,
    [id],
  );
  return { maintenance: rows[0], silences: silences.rows, ticks: await readTicks(tx, 'maintenance', id) };
}

export function endMaintenance(id: number, by: string): Statement {
  return {
    text: 'update maintenances set ended_at = now(), ended_by = $2 where id = $1 and ended_at is null',
    values: [id, by],
    must: { rows: 1, what: `MAINT-${id}` },
  };
}

export function wantSilence(maintenanceId: number, system: string, problem: string | null): Statement {
  return {
    text: `insert into silences (maintenance_id, system, state, problem) values ($1, $2, $3, $4)`,
    values: [maintenanceId, system, problem === null ? 'due' : 'failed', problem],
  };
}

/** One that may be under way is looked for and ended too. */
export function endSilences(maintenanceId: number): Statement {
  return {
    text: `update silences set try_at = now(), tries = 0,
        state = case when state = 'due' and tries = 0 then 'ended' else 'ending' end
      where maintenance_id = $1 and state in ('due', 'set')`,
    values: [maintenanceId],
  };
}

export interface SilenceDue extends SilenceRow {
  readonly token: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Takes what is due for `leaseMs`. Past its maintenance's end a silence has ended by itself. */
export async function takeSilences(tx: Tx, leaseMs: number): Promise<readonly SilenceDue[]> {
  const { rows } = await tx.query<SilenceDue>(
    `update silences s set tries = s.tries + 1, try_at = now() + make_interval(secs => $1)
     from maintenances m
     where m.id = s.maintenance_id and (s.maintenance_id, s.system) in (
       select d.maintenance_id, d.system from silences d join maintenances o on o.id = d.maintenance_id
       where d.state in ('due', 'ending') and d.try_at <= now() and o.ends_at > now() order by d.try_at limit 10
       for update of d skip locked)
     returning ${SILENCE_COLUMNS}, m.token, m.reason, m.asked_by as "askedBy", m.starts_at as "startsAt", m.ends_at as "endsAt"`,
    [leaseMs / 1000],
  );
  return rows;
}

/** Made while its maintenance was ended: it is ended next. */
export function silenceIsSet(row: SilenceRow, silenceId: string): Statement {
  return {
    text: `update silences set silence_id = $3, problem = null, tries = 0, try_at = now(),
        state = case when state = 'due' then 'set' else 'ending' end
      where maintenance_id = $1 and system = $2`,
    values: [row.maintenanceId, row.system, silenceId],
  };
}

export function silenceHasEnded(row: SilenceRow): Statement {
  return {
    text: `update silences set state = 'ended', problem = null where maintenance_id = $1 and system = $2 and state = 'ending'`,
    values: [row.maintenanceId, row.system],
  };
}

export function silenceLater(row: SilenceRow, problem: string, inMs: number): Statement {
  return {
    text: `update silences set problem = $3, try_at = now() + make_interval(secs => $4)
      where maintenance_id = $1 and system = $2`,
    values: [row.maintenanceId, row.system, problem, inMs / 1000],
  };
}
