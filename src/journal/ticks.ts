/** Boxes that people tick: who, which, when. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export type TickSurface = 'request' | 'maintenance';

export interface Tick {
  readonly item: string;
  readonly person: string;
  readonly at: Date;
}

/** Ticked already: the first who did stays. */
export function tick(surface: TickSurface, subject: number, item: string, person: string): Statement {
  return {
    text: 'insert into ticks (surface, subject, item, person) values ($1, $2, $3, $4) on conflict do nothing',
    values: [surface, subject, item, person],
  };
}

export function untick(surface: TickSurface, subject: number, item: string): Statement {
  return {
    text: 'delete from ticks where surface = $1 and subject = $2 and item = $3',
    values: [surface, subject, item],
  };
}

export async function readTicks(tx: Tx, surface: TickSurface, subject: number): Promise<readonly Tick[]> {
  const { rows } = await tx.query<Tick>(
    'select item, person, at from ticks where surface = $1 and subject = $2 order by at, item',
    [surface, subject],
  );
  return rows;
}
