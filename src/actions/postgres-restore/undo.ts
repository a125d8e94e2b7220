/** The undo of a restore is the old database itself: what is kept is a note of which one it is. */
import { z } from 'zod';
import {
  type ActionContext,
  type ActionOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
  type UndoMade,
  type UndoWriter,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { failedOn } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { onPostgres } from '../postgres/on-postgres.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import { whyNotReplaced } from './guard.ts';
import { nameOf } from './maintenance.ts';
import { besideName } from './names.ts';
import { swapDatabases } from './swap.ts';

const note = z.strictObject({
  kind: z.literal('postgres.restore'),
  version: z.literal(1),
  systemIdentifier: z.string(),
  database: z.string(),
  oid: z.string(),
});
const LONGEST_NOTE = 4096;

/** Only reads the target: the old database needs no copy, as nothing in it is changed. */
export async function makeRestoreUndo(
  target: Target,
  plan: PlanDraft,
  undo: UndoWriter,
  context: ActionContext,
): Promise<UndoMade | Refused> {
  return onPostgres(target, context, async (_client, inspected): Promise<UndoMade | Refused> => {
    const now = {
      identity: { ...plan.identity, ...inspected.identity },
      marker: inspected.marker,
      scope: plan.scope,
    };
    const differs = planDiffers(plan, now);
    if (differs.length > 0)
      return { refused: `no undo was made, as the target has changed: ${differs.join('; ')}` };
    const { systemIdentifier, database, oid } = inspected;
    const written = JSON.stringify({ kind: 'postgres.restore', version: 1, systemIdentifier, database, oid });
    try {
      await undo.write(Buffer.from(written));
    } catch (error) {
      return {
        refused: `the undo could not be kept: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
    const size = inspected.bytes === null ? '' : `, ${sayBytes(inspected.bytes)}`;
    return { summary: `the database itself, kept under another name (oid ${oid}${size})`, entries: 1 };
  });
}

/** The two change names again: what is there now stays as NAME_undone_TIME. */
export async function restoreOldDatabase(
  target: Target,
  undo: AsyncIterable<Uint8Array>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const kept = await readNote(undo);
  if (isRefused(kept)) return failed(target.service, kept.refused);
  const { systemIdentifier, database } = kept;
  const outcome = await onPostgres(target, context, async (client, inspected): Promise<Ready | Refused> => {
    const refused = await whyNotReplaced(client, target, inspected, context.self);
    if (isRefused(refused)) return refused;
    if (inspected.systemIdentifier !== systemIdentifier || inspected.database !== database)
      return { refused: `the old ${database} is on another server than the address now leads to` };
    if (inspected.oid === kept.oid) return { refused: `${database} is the old one already` };
    const from = await nameOf(client, kept.oid);
    if (from === null) return { refused: `the old ${database} (oid ${kept.oid}) is no longer there` };
    return { url: target.url ?? '', name: database, oid: inspected.oid, from };
  });
  if (isRefused(outcome)) return failed(database, outcome.refused);
  const keptAs = besideName(database, 'undone', new Date());
  const swapped = await swapDatabases(
    { ...outcome, systemIdentifier, keptAs },
    context,
    async () => undefined,
  );
  if (swapped.state !== 'swapped') return failed(database, swapped.why);
  const said = `is the one from before the restore again; the restored one stays as ${keptAs}${swapped.ended > 0 ? `; ${sayCount(swapped.ended, 'session')} ended` : ''}`;
  return {
    state: 'succeeded',
    summary: oneLine(`${database} ${said}`, 500),
    items: [{ name: database, outcome: 'done', note: said }],
  };
}

interface Ready {
  readonly url: string;
  readonly name: string;
  readonly oid: string;
  readonly from: string;
}

/** After a restore: the name leads to another database, which has tables, and the old one is still there. */
export async function verifyRestored(
  target: Target,
  plan: PlanDraft,
  context: ActionContext,
): Promise<{ readonly good: boolean; readonly says: string }> {
  const found = await onPostgres(target, context, async (client, { database, oid }) => {
    const { rows } = await client.query<{ tables: number }>(
      `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'f') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`,
    );
    const old = await nameOf(client, String(plan.identity.database_oid));
    return { database, oid, tables: rows[0]?.tables ?? 0, old };
  });
  if (isRefused(found)) return { good: false, says: found.refused };
  if (found.oid === plan.identity.database_oid)
    return { good: false, says: `${found.database} is still the old database` };
  if (found.old === null) return { good: false, says: 'the old database is no longer there' };
  if (found.tables === 0) return { good: false, says: `${found.database} has no tables` };
  return {
    good: true,
    says: `${found.database} answers with ${sayCount(found.tables, 'table')}; the old one is ${found.old}`,
  };
}

async function readNote(undo: AsyncIterable<Uint8Array>): Promise<z.output<typeof note> | Refused> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of undo) {
    bytes += part.length;
    if (bytes > LONGEST_NOTE) return { refused: 'the undo is damaged: it is too long' };
    parts.push(part);
  }
  try {
    return note.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
  } catch {
    return { refused: 'the undo is damaged: it does not say which database to bring back' };
  }
}

const failed = (database: string, why: string): ActionOutcome =>
  failedOn(database, oneLine(`nothing was brought back: ${why}`, 500));
