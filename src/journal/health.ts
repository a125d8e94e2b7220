/** Health answers: one for each time somebody asks, one part for each system. */
import type { Figure } from '../domain/objective.ts';
import type { ProbeResult } from '../domain/probe.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** One further check of a service, with its answer. */
export interface CheckResult {
  readonly title: string;
  readonly result: ProbeResult;
}
/** What stands beside the services' states. */
export interface HealthMore {
  readonly figures?: readonly Figure[];
  readonly checks?: readonly CheckResult[];
}

export interface HealthPart {
  readonly id: number;
  readonly answerId: number;
  readonly system: string;
  readonly services: readonly string[];
  readonly results: Readonly<Record<string, ProbeResult>>;
  readonly more: HealthMore;
  readonly state: 'asking' | 'done';
}

export interface HealthAnswer {
  readonly id: number;
  readonly token: string;
  readonly askedBy: string;
  readonly scope: 'all' | 'system' | 'service';
  readonly at: Date;
  readonly parts: readonly HealthPart[];
}

const PART_COLUMNS = `id::float8 as id, answer_id::float8 as "answerId", system, services, results, more, state`;

export async function insertHealthAnswer(
  tx: Tx,
  answer: {
    readonly askedBy: string;
    readonly askedKey: string | null;
    readonly scope: HealthAnswer['scope'];
    readonly parts: readonly { readonly system: string; readonly services: readonly string[] }[];
  },
): Promise<{ readonly id: number; readonly partIds: readonly number[] } | null> {
  const inserted = await tx.query<{ id: number }>(
    `insert into health_answers (asked_by, asked_key, scope) values ($1, $2, $3)
     on conflict (asked_key) do nothing returning id::float8 as id`,
    [answer.askedBy, answer.askedKey, answer.scope],
  );
  const id = inserted.rows[0]?.id;
  if (id === undefined) return null;
  const parts = await tx.query<{ id: number }>(
    `insert into health_parts (answer_id, system, services, woken_at)
     select $1, p.system, array(select jsonb_array_elements_text(p.services)), now()
     from jsonb_to_recordset($2) as p(system text, services jsonb) returning id::float8 as id`,
    [id, JSON.stringify(answer.parts)],
  );
  return { id, partIds: parts.rows.map((row) => row.id) };
}

export async function readHealthAnswer(tx: Tx, id: number): Promise<HealthAnswer | null> {
  const { rows } = await tx.query<Omit<HealthAnswer, 'parts'>>(
    `select id::float8 as id, token, asked_by as "askedBy", scope, at from health_answers where id = $1`,
    [id],
  );
  const parts = await tx.query<HealthPart>(
    `select ${PART_COLUMNS} from health_parts where answer_id = $1 order by id`,
    [id],
  );
  return rows[0] === undefined ? null : { ...rows[0], parts: parts.rows };
}

/** One worker asks for a system at a time; another takes it over after the lease. */
export async function claimHealthPart(tx: Tx, id: number, leaseMs: number): Promise<HealthPart | null> {
  const { rows } = await tx.query<HealthPart>(
    `update health_parts set lease_until = now() + make_interval(secs => $2)
     where id = $1 and state = 'asking' and (lease_until is null or lease_until < now()) returning ${PART_COLUMNS}`,
    [id, leaseMs / 1000],
  );
  return rows[0] ?? null;
}

export function addHealthResults(
  id: number,
  results: Readonly<Record<string, ProbeResult>>,
  done: boolean,
  more: HealthMore | null = null,
): Statement {
  return {
    text: `update health_parts set results = results || $2::jsonb, more = coalesce($4::json, more), state = case when $3 then 'done' else state end where id = $1`,
    values: [id, JSON.stringify(results), done, more === null ? null : JSON.stringify(more)],
    must: { rows: 1, what: `health part ${id}` },
  };
}

export async function overdueHealthParts(
  tx: Tx,
  afterMs: number,
): Promise<readonly { readonly id: number; readonly wake: number }[]> {
  const { rows } = await tx.query<{ id: number; wake: number }>(
    `update health_parts set wake = wake + 1, woken_at = now()
     where id in (select id from health_parts where state = 'asking' and woken_at < now() - make_interval(secs => $1)
       and (lease_until is null or lease_until < now()) limit 100 for update skip locked)
     returning id::float8 as id, wake`,
    [afterMs / 1000],
  );
  return rows;
}

export async function findHealthAnswer(tx: Tx, token: string): Promise<HealthAnswer | null> {
  const { rows } = await tx.query<{ id: number }>(
    'select id::float8 as id from health_answers where token::text = $1',
    [token],
  );
  return rows[0] === undefined ? null : readHealthAnswer(tx, rows[0].id);
}

/** The channel that shows an answer (null: none does), and what was asked about. */
export async function whereHealthIsShown(
  tx: Tx,
  answerId: number,
): Promise<{ readonly channel: string | null; readonly scope: HealthAnswer['scope'] }> {
  const { rows } = await tx.query<{ channel: string | null; scope: HealthAnswer['scope'] }>(
    `select m.channel, a.scope from health_answers a
     left join messages m on m.surface = 'health' and m.subject = a.id and m.slot = 'answer' where a.id = $1`,
    [answerId],
  );
  return rows[0] ?? { channel: null, scope: 'all' };
}
