/** Free room where a server keeps its data, when that is this machine's own disk. */
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/**
 * Bytes, or null when it can't be known: the setting may not be read, or the folder isn't this machine's. That it is
 * this very server's says the identifier at the start of its pg_control (pg_control.h).
 */
export async function freeOnServer(client: pg.ClientBase, systemIdentifier: string): Promise<number | null> {
  const folder = await client
    .query<{ folder: string }>(`select current_setting('data_directory') as folder`)
    .then(({ rows }) => rows[0]?.folder ?? null)
    .catch(() => null);
  if (folder === null) return null;
  try {
    const file = await open(join(folder, 'global', 'pg_control'), 'r');
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0).finally(() => file.close());
    const own = [buffer.readBigUInt64LE(0), buffer.readBigUInt64BE(0)].map(String);
    if (!own.includes(systemIdentifier)) return null;
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
