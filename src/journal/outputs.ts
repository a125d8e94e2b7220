/** What steps printed or read, whole. */
import { OUTPUT_MAX } from '../domain/action.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** Cut from the front where it is too long, which its first line says. */
export function keepOutput(stepId: number, body: string): Statement {
  const tooLong = body.length > OUTPUT_MAX;
  const kept = tooLong ? `… cut: the last ${OUTPUT_MAX} characters\n${body.slice(-OUTPUT_MAX)}` : body;
  return {
    text: 'insert into outputs (step_id, body) values ($1, $2) on conflict (step_id) do update set body = excluded.body',
    values: [stepId, kept.replaceAll('\0', '')],
  };
}

/** What a probe read is kept with its step. Null: there is no such step, or it printed and read nothing. */
export async function readOutput(tx: Tx, stepId: number): Promise<string | null> {
  const { rows } = await tx.query<{ body: string | null }>(
    `select coalesce((select body from outputs where step_id = $1), (select result ->> 'output' from steps where id = $1))
       as body`,
    [stepId],
  );
  return rows[0]?.body || null;
}
