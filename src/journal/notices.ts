/** Dead letters: bodies that could not be read, kept and told. Alike ones share a notice, so that a loop is no flood. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface Notice {
  readonly id: number;
  readonly at: Date;
  readonly source: string;
  readonly problem: string;
  readonly count: number;
}

/** Kept of each body. */
const KEPT_CHARACTERS = 64 * 1024;
/** Rows kept of each kind of problem: the count goes on, the bodies don't. */
const KEPT_ALIKE = 20;

export function keepDeadLetter(letter: {
  readonly source: string;
  readonly problem: string;
  readonly body: string;
}): Statement {
  return {
    text: 'insert into dead_letters (source, problem, body) values ($1, $2, $3)',
    values: [letter.source, letter.problem, letter.body.slice(0, KEPT_CHARACTERS).replaceAll('\u0000', '')],
  };
}

export function thinOutDeadLetters(source: string, problem: string): Statement {
  return {
    text: `delete from dead_letters where id in (
      select id from dead_letters where source = $1 and problem = $2 order by id desc offset $3)`,
    values: [source, problem, KEPT_ALIKE],
  };
}

/** The first of its kind within an hour, which the others are counted under. */
export async function noticeFor(tx: Tx, source: string, problem: string): Promise<number | null> {
  const { rows } = await tx.query<{ id: number }>(
    `select min(id)::float8 as id from dead_letters where source = $1 and problem = $2 and at > now() - interval '1 hour'`,
    [source, problem],
  );
  return rows[0]?.id ?? null;
}

export async function readNotice(tx: Tx, id: number): Promise<Notice | null> {
  const { rows } = await tx.query<Notice>(
    `select d.id::float8 as id, d.at, d.source, d.problem,
       (select count(*)::int from dead_letters o where o.source = d.source and o.problem = d.problem and o.id >= d.id) as count
     from dead_letters d where d.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

export async function countDeadLetters(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: number }>('select count(*)::int as n from dead_letters');
  return rows[0]?.n ?? 0;
}
