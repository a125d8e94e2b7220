/** mongodb.backup: every collection of a database in one file in BACKUP_DIR, by mongodump or by the bot itself. */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { MongoClient } from 'mongodb';
import { z } from 'zod';
import { askMongo } from '../clients/mongodb.ts';
import {
  type ActionContext,
  type ActionKind,
  type ActionOutcome,
  isRefused,
  type PlanDraft,
  type Refused,
} from '../domain/action.ts';
import { addressRedact } from '../domain/address-secrets.ts';
import { shownAddress, type Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { BASE_NAME, type BackupFolder, openBackupFolder, sayNewest, writeBackup } from './backup-folder.ts';
import { backupLines, type Counts } from './mongodb/lines.ts';
import { findMongodump, mongodumpInto } from './mongodb/mongodump.ts';
import { checkArchive, checkLines } from './mongodb/read-back.ts';
import { failedOn, nothingWas } from './outcomes.ts';
import { planDiffers } from './plan-differs.ts';
import { sayBytes, sayCount } from './say-size.ts';

const superseded = nothingWas('backed up');

const ENDINGS = { mongodump: '.archive.gz', own: '.ndjson.gz' } as const;
/** A gzipped copy is smaller than the data; with less free than this share of it none is begun. */
const LEAST_FREE = 0.25;
const PROGRESS_MS = 1000;

const settings = z.strictObject({
  /** Left out: the one that the address names. */
  database: z
    .string()
    .regex(/^[^/\\. "$*<>:|?]{1,63}$/u, 'the name of a database')
    .optional(),
  /** Of the file: the day and the ending are added. Left out: the database's. */
  name: z.string().regex(BASE_NAME, 'a name of letters, digits, _ . and -').optional(),
});
type Settings = z.output<typeof settings>;
interface Options {
  /** PATH, where mongodump is looked for. */
  readonly path?: string;
}

export function createMongodbBackup(options: Options = {}): ActionKind<Settings> {
  return {
    name: 'mongodb.backup',
    contractVersion: 1,
    danger: 'safe',
    needs: { schemes: ['mongodb', 'mongodb+srv'] },
    settings,
    plan: async (target, chosen, context) => {
      const ready = await prepare(target, chosen, context, options);
      return isRefused(ready) ? ready : ready.draft;
    },
    execute: (target, chosen, approved, act, context) =>
      execute(target, chosen, approved, act, context, options),
  };
}

interface Ready {
  readonly draft: PlanDraft;
  readonly folder: BackupFolder;
  readonly url: string;
  readonly database: string;
  readonly base: string;
  readonly mongodump: string | null;
}

const hello = z.object({
  setName: z.string().optional(),
  topologyVersion: z.object({ processId: z.unknown() }).optional(),
});
const build = z.object({ version: z.string() });
const stats = z.object({ collections: z.coerce.number().optional(), dataSize: z.coerce.number().optional() });

async function prepare(
  target: Target,
  chosen: Settings,
  context: ActionContext,
  options: Options,
): Promise<Ready | Refused> {
  const { url } = target;
  if (url === null) return { refused: `no address is configured for ${target.service}` };
  const database = chosen.database ?? databaseOf(url);
  if (database === null)
    return { refused: `the address of ${target.service} names no database, and the step neither` };
  const base = chosen.name ?? database;
  if (!BASE_NAME.test(base))
    return { refused: `${oneLine(base, 63)} can't be a file's name: give the step a name` };
  const folder = await openBackupFolder(target);
  if (isRefused(folder)) return folder;
  const mongodump = findMongodump(options.path ?? process.env.PATH ?? '');
  context.signal.throwIfAborted();
  return askMongo(url, context, async (command, client): Promise<Ready | Refused> => {
    const greeted = hello.parse(await command({ hello: 1 }));
    const version =
      build.safeParse(await command({ serverStatus: 1 }).catch(() => ({}))).data?.version ?? null;
    const size = stats.parse(await client.db(database).command({ dbStats: 1 }));
    const need = (size.dataSize ?? 0) * LEAST_FREE;
    if (folder.free < need) {
      return {
        refused: `BACKUP_DIR has ${sayBytes(folder.free)} free for ${sayBytes(size.dataSize ?? 0)} of data; expected at least ${sayBytes(need)}`,
      };
    }
    const ending = ENDINGS[mongodump === null ? 'own' : 'mongodump'];
    const last = await sayNewest(folder, `${base}_*${ending}`);
    const draft: PlanDraft = {
      identity: {
        database,
        set: greeted.setName ?? null,
        process: String(greeted.topologyVersion?.processId ?? 'unknown'),
        version,
      },
      marker: null,
      scope: {
        kind: 'call',
        does: `${mongodump === null ? 'read every collection' : 'mongodump'} of ${database} to ${base}_YYYYMMDD${ending}`,
      },
      preview: [
        `${shownAddress(url)} · MongoDB ${oneLine(version ?? '?', 20)} · database ${database}`,
        `${sayCount(size.collections ?? 0, 'collection')}, ${sayBytes(size.dataSize ?? 0)} of data`,
        mongodump === null
          ? 'mongodump is not on PATH: the bot reads the collections itself, one after the other; what is written meanwhile may be in one and not in another'
          : `by ${mongodump}`,
        `into BACKUP_DIR (${sayBytes(folder.free)} free), readable by the bot alone; nothing is overwritten`,
        last,
      ],
      undo: { kind: 'none', reason: 'it only reads, and writes a new file' },
    };
    return { draft, folder, url, database, base, mongodump };
  });
}

function databaseOf(url: string): string | null {
  const name = /^[a-z+]+:\/\/[^/]*\/([^?]*)/iu.exec(url)?.[1] ?? '';
  return name === '' ? null : decodeURIComponent(name);
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
  const differs = planDiffers(approved, ready.draft);
  if (differs.length > 0) return superseded(differs.join('; '));
  await act();
  if (context.signal.aborted) return failed('stopped before anything was read');
  try {
    return await (ready.mongodump === null
      ? byOurselves(ready, context)
      : byProgram(ready, ready.mongodump, context));
  } catch (error) {
    if (context.signal.aborted) return failed('stopped; no file was left');
    return failed(addressRedact(target.url)(error instanceof Error ? error.message : String(error)));
  }
}

async function byProgram(ready: Ready, program: string, context: ActionContext): Promise<ActionOutcome> {
  const { folder, base, url, database } = ready;
  const written = await writeBackup(
    folder,
    base,
    ENDINGS.mongodump,
    (to) => mongodumpInto(program, url, database, context, to),
    (path) => checkArchive(path, context.signal),
  );
  return done(written.name, `${sayBytes(written.bytes)}, read back whole, SHA-256 ${written.sha256}`);
}

async function byOurselves(ready: Ready, context: ActionContext): Promise<ActionOutcome> {
  const { folder, base, url, database } = ready;
  const counts: Counts = { collections: 0, documents: 0, current: '' };
  const read = async (client: MongoClient, to: NodeJS.WritableStream, bytes: () => number): Promise<void> => {
    const tell = () =>
      context.progress(`${counts.current}: ${sayCount(counts.documents, 'document')}, ${sayBytes(bytes())}`);
    const timer = setInterval(tell, PROGRESS_MS);
    const lines = backupLines(
      client.db(database),
      { server: shownAddress(url), at: new Date() },
      counts,
      context.signal,
    );
    await pipeline(lines, createGzip(), to, { signal: context.signal }).finally(() => clearInterval(timer));
  };
  const bounds = { signal: context.signal, timeoutMs: context.timeoutMs, maxBytes: Number.POSITIVE_INFINITY };
  const written = await writeBackup(
    folder,
    base,
    ENDINGS.own,
    (to, bytes) => askMongo(url, bounds, (_command, client) => read(client, to, bytes)),
    (path) => checkLines(path, counts, context.signal),
  );
  const what = `${sayCount(counts.collections, 'collection')}, ${sayCount(counts.documents, 'document')}`;
  return done(
    written.name,
    `${what}, ${sayBytes(written.bytes)}, read back whole, SHA-256 ${written.sha256}`,
  );
}

function done(name: string, note: string): ActionOutcome {
  return { state: 'succeeded', summary: `${name}: ${note}`, items: [{ name, outcome: 'done', note }] };
}

const failed = (why: string): ActionOutcome => failedOn('backup', oneLine(`no backup: ${why}`, 400));
