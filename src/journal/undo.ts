/** Where an undo is kept: parts, encrypted (AES-256-GCM) with a key from outside the database, in order and complete. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { UndoWriter } from '../domain/action.ts';
import type { Journal } from './open-journal.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

function keyOf(auditKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', auditKey, 'pageturner', 'undo', 32));
}

/** Each part is bound to its execution and place: parts can't be swapped. */
const place = (executionId: number, part: number): Buffer => Buffer.from(`${executionId}/${part}`);

function seal(key: Buffer, executionId: number, part: number, body: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(place(executionId, part));
  return Buffer.concat([iv, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, executionId: number, part: number, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    .setAAD(place(executionId, part))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

export interface UndoStore extends UndoWriter {
  readonly bytes: () => number;
  /** SHA-256 of all that was written, in order. */
  readonly digest: () => string;
}

/** @throws when more than `maxBytes` are written. */
export function openUndo(
  journal: Journal,
  auditKey: string,
  executionId: number,
  maxBytes: number,
): UndoStore {
  const key = keyOf(auditKey);
  const hash = createHash('sha256');
  let part = 0;
  let bytes = 0;
  return {
    bytes: () => bytes,
    digest: () => hash.copy().digest('hex'),
    async write(body) {
      bytes += body.length;
      if (bytes > maxBytes) throw new Error(`the undo is larger than ${maxBytes} bytes`);
      hash.update(body);
      await journal.pool.query('insert into undo_parts (execution_id, part, body) values ($1, $2, $3)', [
        executionId,
        part,
        seal(key, executionId, part, body),
      ]);
      part += 1;
    },
  };
}

/** `before`: keys from before a rotation. @throws when a part is missing or is not what was written. */
export async function* readUndo(
  journal: Journal,
  auditKey: string,
  executionId: number,
  before: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  const keys = [auditKey, ...before].map(keyOf);
  for (let part = 0; ; part += 1) {
    const { rows } = await journal.pool.query<{ body: Buffer }>(
      'select body from undo_parts where execution_id = $1 and part = $2',
      [executionId, part],
    );
    const sealed = rows[0]?.body;
    if (sealed === undefined) return;
    yield unsealBy(keys, executionId, part, sealed);
  }
}

/** GCM says whether a key fits. @throws what the last of them says. */
function unsealBy(keys: readonly Buffer[], executionId: number, part: number, sealed: Buffer): Buffer {
  let wrong: unknown;
  for (const key of keys) {
    try {
      return unseal(key, executionId, part, sealed);
    } catch (error) {
      wrong = error;
    }
  }
  throw wrong;
}

/** What is in the journal, read back: the digest that `write` ended with, when nothing is missing or changed. */
export async function digestOfUndo(journal: Journal, auditKey: string, executionId: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of readUndo(journal, auditKey, executionId)) hash.update(part);
  return hash.digest('hex');
}
