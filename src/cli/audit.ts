/** `pageturner audit verify|export|rotate`: proves the whole chain, writes it out, begins a new key. */

import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ConfigError, type Env, readSetting } from '../config.ts';
import { type AuditKeys, fitsKey, rotateAudit } from '../journal/audit-chain.ts';
import {
  type AuditEntry,
  type AuditVerdict,
  readAudit,
  verifyAudit,
  verifyEntries,
} from '../journal/audit-verify.ts';
import { headPlaces, readHeads } from '../journal/head-places.ts';
import { keptBefore } from '../local/keep-secret.ts';
import { readArguments, usageOf } from './commands.ts';
import { joinJournal, keptKey } from './join-journal.ts';
import { terminalUser } from './terminal-engine.ts';

const HEX = /^[0-9a-f]{64}$/u;

/** 0: done, the log is whole; 1: it is not, and the first bad row is named; 2: wrong usage. */
export async function audit(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('audit', args);
  if (read === null) return 2;
  const [verb] = read.positionals;
  const { head, file } = read.values;
  const alone = head === undefined && file === undefined;
  if (verb === 'verify' && (head === undefined || HEX.test(head)))
    return verify(env, head ?? null, file ?? null);
  if (verb === 'export' && alone) return write(env);
  if (verb === 'rotate' && alone) return rotate(env);
  process.stderr.write(`${usageOf('audit')}\n`);
  return 2;
}

async function verify(env: Env, head: string | null, file: string | null): Promise<number> {
  if (file !== null) return say(await verifyEntries(readExport(file), keysOf(env, keptKey(env))));
  const places = headPlaces(readSetting(env, 'AUDIT_HEAD_FILE'), readSetting(env, 'AUDIT_HEAD_URL'));
  const heads = await readHeads(places);
  const { client, auditKey } = await joinJournal(env);
  try {
    return say(await verifyAudit(client, keysOf(env, auditKey), head, heads));
  } finally {
    await client.end();
  }
}

function say(verdict: AuditVerdict): number {
  if (verdict.good) {
    process.stdout.write(`audit: ${verdict.entries} entries, head ${verdict.head}\n`);
    return 0;
  }
  process.stdout.write(`audit: bad at seq ${verdict.badSeq}\n`);
  process.stderr.write(`${verdict.why}\n`);
  return 1;
}

const keysOf = (env: Env, auditKey: string): AuditKeys => [
  auditKey,
  ...(readSetting(env, 'AUDIT_KEY_PREVIOUS') ?? []),
  ...(readSetting(env, 'AUDIT_KEY') === null
    ? keptBefore(readSetting(env, 'PAGETURNER_DATA'), 'audit.key')
    : []),
];

const entry = z.object({
  seq: z.number().int(),
  at: z.string(),
  kind: z.string(),
  actor: z.string(),
  subject: z.string(),
  payload: z.record(z.string(), z.unknown()),
  previous: z.string(),
  hash: z.string(),
});

/** @throws ConfigError naming the line that is none of an export. */
async function* readExport(file: string): AsyncGenerator<AuditEntry> {
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    n += 1;
    let read: AuditEntry;
    try {
      read = entry.parse(JSON.parse(line));
    } catch {
      throw new ConfigError([`${file}:${n}: not a line of pageturner audit export`]);
    }
    yield read;
  }
}

async function write(env: Env): Promise<number> {
  const { client } = await joinJournal(env);
  try {
    for await (const one of readAudit(client))
      if (!process.stdout.write(`${JSON.stringify(one)}\n`))
        await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
    return 0;
  } finally {
    await client.end();
  }
}

/**
 * With a new AUDIT_KEY, and the one in force in AUDIT_KEY_PREVIOUS, the new one begins. With the one in force alone, a
 * new one is made: it is kept where a made key is kept, or printed.
 */
async function rotate(env: Env): Promise<number> {
  const { client, auditKey } = await joinJournal(env);
  try {
    const isInForce = await fitsKey(client, auditKey);
    const [old, ...others] = isInForce ? [auditKey] : (readSetting(env, 'AUDIT_KEY_PREVIOUS') ?? []);
    if (old === undefined || others.length > 8 || !(await fitsKey(client, old)))
      throw new ConfigError([
        "AUDIT_KEY_PREVIOUS: expected the key in force first, with which the audit log's newest entry was written; AUDIT_KEY is the new one",
      ]);
    const next = isInForce ? randomBytes(32).toString('hex') : auditKey;
    const kept = keptKeyFile(env);
    if (isInForce && kept !== null) writeFileSync(`${kept}.next`, `${next}\n`, { mode: 0o600 });
    await rotateAudit(client, old, next, terminalUser());
    if (isInForce && kept !== null) keep(kept, old);
    else if (isInForce) process.stdout.write(`AUDIT_KEY=${next}\n`);
    process.stderr.write(
      'audit: a new key is in force. Start the bot again with it as AUDIT_KEY, and with the one before first in AUDIT_KEY_PREVIOUS.\n',
    );
    return 0;
  } finally {
    await client.end();
  }
}

/** Where a key that the bot made is kept; null: it comes from the environment. */
function keptKeyFile(env: Env): string | null {
  if (readSetting(env, 'AUDIT_KEY') !== null) return null;
  const file = join(readSetting(env, 'PAGETURNER_DATA'), 'audit.key');
  return existsSync(file) ? file : null;
}

/** The new key takes the old one's place, which stays beside it. */
function keep(file: string, old: string): void {
  const all = [old, ...keptBefore(dirname(file), basename(file))];
  writeFileSync(`${file}.previous`, `${all.join(',')}\n`, { mode: 0o600 });
  renameSync(`${file}.next`, file);
}
