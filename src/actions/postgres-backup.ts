/** postgres.backup: a dump of the database by pg_dump into BACKUP_DIR, read back before it gets its name. */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { type PostgresProgram, postgresEnvironment } from '../clients/postgres-programs.ts';
import { streamProgram } from '../clients/stream-program.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
  type Scope,
} from '../domain/action.ts';
import { addressRedact } from '../domain/address-secrets.ts';
import { shownAddress, type Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { BASE_NAME, type BackupFolder, openBackupFolder, sayNewest, writeBackup } from './backup-folder.ts';
import { failedOn, nothingWas } from './outcomes.ts';
import { planDiffers } from './plan-differs.ts';
import { programFor, readDump } from './postgres/dump-file.ts';
import type { Inspected } from './postgres/inspect.ts';
import { onPostgres } from './postgres/on-postgres.ts';
import { allRows, type DumpContents } from './postgres/scan-dump.ts';
import { sayBytes, sayCount } from './say-size.ts';

const superseded = nothingWas('dumped');

const ENDINGS = { plain: '.sql.gz', custom: '.dump' } as const;
/** A compressed dump without indexes is smaller than its database; with less free than this share it is not begun. */
const LEAST_FREE = 0.25;

const settings = z.strictObject({
  /** `plain`: SQL, gzipped; `custom`: pg_dump's archive, of which single tables can be restored by hand. */
  format: z.enum(['plain', 'custom']).default('plain'),
  /** Of the file: the day and the ending are added. Left out: the database's. */
  name: z.string().regex(BASE_NAME, 'a name of letters, digits, _ . and -').optional(),
});
type Settings = z.output<typeof settings>;
interface Options {
  /** Where pg_dump and pg_restore are looked for; left out: Debian's folders and PATH. */
  readonly folders?: readonly string[];
}

export function createPostgresBackup(options: Options = {}): ActionKind<Settings> {
  return {
    name: 'postgres.backup',
    contractVersion: 1,
    danger: 'safe',
    needs: { schemes: ['postgres', 'postgresql'] },
    settings,
    plan: (target, chosen, context) => plan(target, chosen, context, options),
    execute: (target, chosen, approved, act, context) =>
      execute(target, chosen, approved, act, context, options),
  };
}

interface Ready extends Inspected {
  readonly folder: BackupFolder;
  readonly dump: PostgresProgram;
  readonly restore: PostgresProgram | null;
  readonly base: string;
  readonly tables: number;
}

/** Everything that a backup needs is there; otherwise why not. */
async function prepare(
  target: Target,
  chosen: Settings,
  context: ActionContext,
  options: Options,
): Promise<Ready | Refused> {
  const folder = await openBackupFolder(target);
  if (isRefused(folder)) return folder;
  return onPostgres(target, context, async (client, inspected) => {
    const dump = await programFor('pg_dump', inspected.major, options.folders);
    if (isRefused(dump)) return dump;
    const restore =
      chosen.format === 'plain' ? null : await programFor('pg_restore', inspected.major, options.folders);
    if (restore !== null && isRefused(restore)) return restore;
    const base = chosen.name ?? inspected.database;
    if (!BASE_NAME.test(base))
      return {
        refused: `the database's name (${oneLine(base, 63)}) can't be a file's: give the step a name`,
      };
    const need = (inspected.bytes ?? 0) * LEAST_FREE;
    if (folder.free < need) {
      return {
        refused: `BACKUP_DIR has ${sayBytes(folder.free)} free for a database of ${sayBytes(inspected.bytes ?? 0)}; expected at least ${sayBytes(need)}`,
      };
    }
    const { rows } = await client.query(
      `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`,
    );
    const tables = z.object({ tables: z.number() }).parse(rows[0]).tables;
    return { ...inspected, folder, dump, restore, base, tables };
  });
}

const scopeOf = ({ database, base }: Ready, { format }: Settings): Scope => ({
  kind: 'call',
  does: `pg_dump of ${database} (${format === 'plain' ? 'SQL, gzipped' : 'custom archive'}) to ${base}_YYYYMMDD${ENDINGS[format]}`,
});

async function plan(
  target: Target,
  chosen: Settings,
  context: ActionContext,
  options: Options,
): Promise<PlanDraft | Refused> {
  const ready = await prepare(target, chosen, context, options);
  if (isRefused(ready)) return ready;
  const { identity, marker, folder, dump, version, database, tables } = ready;
  const last = await sayNewest(folder, `${ready.base}_*${ENDINGS[chosen.format]}`);
  const size = ready.bytes === null ? '' : `, ${sayBytes(ready.bytes)} with indexes`;
  return {
    identity,
    marker,
    scope: scopeOf(ready, chosen),
    preview: [
      `${shownAddress(target.url ?? '')} · PostgreSQL ${version} · database ${oneLine(database, 63)}`,
      `${sayCount(tables, 'table')}${size}; pg_dump ${dump.version}`,
      `into BACKUP_DIR (${sayBytes(folder.free)} free), readable by the bot alone; nothing is overwritten`,
      last,
    ],
    undo: { kind: 'none', reason: 'it only reads, and writes a new file' },
  };
}

async function execute(
  target: Target,
  chosen: Settings,
  approved: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
  options: Options,
): Promise<ActionOutcome> {
  const ready = await prepare(target, chosen, context, options);
  if (isRefused(ready)) return superseded(ready.refused);
  const differs = planDiffers(approved, { ...ready, scope: scopeOf(ready, chosen) });
  if (differs.length > 0) return superseded(differs.join('; '));
  await act();
  if (context.signal.aborted) return failed('stopped before pg_dump was started');
  let contents: DumpContents | null = null;
  try {
    const written = await writeBackup(
      ready.folder,
      ready.base,
      ENDINGS[chosen.format],
      (to, bytes) => dumpInto(target, ready, chosen, context, to, bytes),
      async (path) => {
        context.progress('reading it back');
        contents = await checked(path, ready, chosen, context);
      },
    );
    const what =
      contents === null ? '' : `${sayCount(ready.tables, 'table')}, ${sayCount(allRows(contents), 'row')}, `;
    const note = `${what}${sayBytes(written.bytes)}, read back whole, SHA-256 ${written.sha256}`;
    return {
      state: 'succeeded',
      summary: `${written.name}: ${note}`,
      items: [{ name: written.name, outcome: 'done', note }],
    };
  } catch (error) {
    if (context.signal.aborted) return failed('stopped; no file was left');
    const why = error instanceof Error ? error.message : String(error);
    return failed(addressRedact(target.url)(why));
  }
}

async function dumpInto(
  target: Target,
  ready: Ready,
  chosen: Settings,
  context: ActionContext,
  to: NodeJS.WritableStream,
  bytes: () => number,
): Promise<void> {
  let begun = 0;
  const args = [`--format=${chosen.format}`, '--no-password', '--verbose', '--lock-wait-timeout=30s'];
  const { code, said } = await streamProgram(ready.dump.path, args, {
    env: postgresEnvironment(target.url ?? ''),
    signal: context.signal,
    output: (from) => (chosen.format === 'plain' ? pipeline(from, createGzip(), to) : pipeline(from, to)),
    line: (line) => {
      if (!/dumping contents of table/u.test(line)) return;
      begun += 1;
      context.progress(`${begun} of ${sayCount(ready.tables, 'table')}, ${sayBytes(bytes())}`);
    },
  });
  if (code !== 0) throw new Error(`pg_dump failed (${code ?? 'ended by a signal'}): ${lastWords(said)}`);
}

/** Its errors, not its account of what it does. */
function lastWords(said: string): string {
  const errors = said.split('\n').filter((line) => /error|fatal|detail|hint/iu.test(line));
  return oneLine((errors.length > 0 ? errors.slice(-3) : said.split('\n').slice(-1)).join(' '), 250);
}

async function checked(
  path: string,
  ready: Ready,
  chosen: Settings,
  context: ActionContext,
): Promise<DumpContents> {
  const contents = await readDump(path, chosen.format, ready.restore, context.signal);
  if (!contents.complete) throw new Error('the dump is not complete: it does not end as pg_dump ends it');
  return contents;
}

const failed = (why: string): ActionOutcome => failedOn('backup', oneLine(`no backup: ${why}`, 400));
