/** postgres.export: a table, or what a statement reads, as a CSV file in BACKUP_DIR. */
import type pg from 'pg';
import { z } from 'zod';
import { endWithClient } from '../clients/postgres.ts';
import { copyOut } from '../clients/postgres-copy.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
  type Scope,
} from '../domain/action.ts';
import { shownAddress, type Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { BASE_NAME, openBackupFolder, writeBackup } from './backup-folder.ts';
import { failedOn, nothingWas } from './outcomes.ts';
import { planDiffers } from './plan-differs.ts';
import { onPostgres } from './postgres/on-postgres.ts';
import { statement } from './postgres/statement.ts';
import { sayBytes, sayCount } from './say-size.ts';

const superseded = nothingWas('exported');

/** `audit_logs`, `public.audit_logs`: written as it is stored, never quoted by whoever writes it. */
const TABLE = /^[\p{L}_][\p{L}\p{N}_$]{0,62}(\.[\p{L}_][\p{L}\p{N}_$]{0,62})?$/u;
const ENDING = '.csv';
const PROGRESS_MS = 1000;

const settings = z
  .strictObject({
    table: z.string().regex(TABLE, 'the name of a table, as audit_logs or public.audit_logs').optional(),
    sql: statement.optional(),
    /** Of the file: the day and `.csv` are added. Left out: the table's. */
    name: z.string().regex(BASE_NAME, 'a name of letters, digits, _ . and -').optional(),
  })
  .superRefine(({ table, sql, name }, context) => {
    if ((table === undefined) === (sql === undefined))
      context.addIssue({ code: 'custom', message: 'expected either table or sql' });
    else if (table === undefined && name === undefined)
      context.addIssue({
        code: 'custom',
        path: ['name'],
        message: 'expected a name for the file of this sql',
      });
  });
type Settings = z.output<typeof settings>;

export function createPostgresExport(): ActionKind<Settings> {
  return {
    name: 'postgres.export',
    contractVersion: 1,
    danger: 'safe',
    needs: { schemes: ['postgres', 'postgresql'] },
    settings,
    plan,
    execute,
  };
}

const baseOf = ({ name, table }: Settings): string => name ?? (table ?? 'export').replaceAll('.', '_');

function readerOf({ table, sql }: Settings): string {
  if (sql !== undefined) return sql.trim().replace(/;$/u, '');
  const name = (table ?? '').split('.').map((part) => `"${part}"`);
  return `select * from ${name.join('.')}`;
}

const scopeOf = (chosen: Settings): Scope => ({
  kind: 'call',
  does: `export ${oneLine(chosen.table ?? chosen.sql ?? '', 1500)} to ${baseOf(chosen)}_YYYYMMDD${ENDING}`,
});

async function plan(target: Target, chosen: Settings, context: ActionContext): Promise<PlanDraft | Refused> {
  const folder = await openBackupFolder(target);
  if (isRefused(folder)) return folder;
  return onPostgres(target, context, async (client, { identity, marker, version, database }) => {
    const missing = chosen.table === undefined ? null : await whyNotReadable(chosen, client);
    if (missing !== null) return { refused: missing };
    return {
      identity,
      marker,
      scope: scopeOf(chosen),
      preview: [
        `${shownAddress(target.url ?? '')} · PostgreSQL ${version} · database ${oneLine(database, 63)}`,
        `a read-only transaction; CSV with a header, into BACKUP_DIR (${sayBytes(folder.free)} free), readable by the bot alone`,
        'nothing is overwritten: the time is added to the name when the day is taken',
      ],
      undo: { kind: 'none', reason: 'it only reads, and writes a new file' },
    };
  });
}

async function whyNotReadable(chosen: Settings, client: pg.ClientBase): Promise<string | null> {
  const name = (chosen.table ?? '')
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
  const { rows } = await client.query(
    `select has_table_privilege(c.oid, 'select') as readable from pg_class c
     where c.oid = to_regclass($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [name],
  );
  const [row] = z.array(z.object({ readable: z.boolean() })).parse(rows);
  if (row === undefined) return `there is no table ${chosen.table} in this database`;
  return row.readable ? null : `the bot’s role may not read ${chosen.table}: grant it select`;
}

async function execute(
  target: Target,
  chosen: Settings,
  approved: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const folder = await openBackupFolder(target);
  if (isRefused(folder)) return superseded(folder.refused);
  let announced = false;
  try {
    const outcome = await onPostgres(
      target,
      context,
      async (client, { identity, marker }): Promise<ActionOutcome> => {
        const differs = planDiffers(approved, { identity, marker, scope: scopeOf(chosen) });
        if (differs.length > 0) return superseded(differs.join('; '));
        await act();
        announced = true;
        if (context.signal.aborted) return failed('stopped before anything was read');
        await endWithClient(client);
        await client.query('begin transaction isolation level repeatable read read only');
        let rows = 0;
        const written = await writeBackup(folder, baseOf(chosen), ENDING, async (to, bytes) => {
          const timer = setInterval(() => context.progress(`${sayBytes(bytes())} written`), PROGRESS_MS);
          // The new line ends a comment at the statement's end.
          const copy = `copy (${readerOf(chosen)}\n) to stdout with (format csv, header)`;
          rows = await copyOut(client, copy, to).finally(() => clearInterval(timer));
        });
        const note = `${sayCount(rows, 'row')}, ${sayBytes(written.bytes)}, SHA-256 ${written.sha256}`;
        const summary = `${written.name}: ${note}`;
        return { state: 'succeeded', summary, items: [{ name: written.name, outcome: 'done', note }] };
      },
      { maxBytes: Number.POSITIVE_INFINITY },
    );
    return isRefused(outcome) ? superseded(outcome.refused) : outcome;
  } catch (error) {
    if (!announced) throw error;
    if (context.signal.aborted) return failed('stopped; no file was left');
    return failed(error instanceof Error ? error.message : String(error));
  }
}

const failed = (why: string): ActionOutcome => failedOn('export', oneLine(`no export: ${why}`, 300));
