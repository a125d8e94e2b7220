/** A secret that nobody configured: made once, kept in the data folder for its owner alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 32;

export function keepSecret(dataDir: string, name: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const file = join(dataDir, name);
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

/** Keys that a made one took the place of, the newest first. */
export function keptBefore(dataDir: string, name: string): readonly string[] {
  const file = join(dataDir, `${name}.previous`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(',').filter(Boolean) : [];
}
