/** Small files in the data folder that survive a restart: readable by their owner alone, written whole. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ZodType } from 'zod';

/** What was kept, or null when there is nothing, or nothing that can be understood. */
export async function readKept<T>(file: string, schema: ZodType<T>): Promise<T | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Replaces the file in one step, so that a kill in the middle leaves the old one. */
export async function keep(file: string, value: unknown): Promise<void> {
  await keepText(file, `${JSON.stringify(value, null, 2)}\n`);
}

export async function keepText(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const half = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(half, text, { mode: 0o600, flush: true });
  await rename(half, file);
}

/** The last line of a log, cut to 200 characters; empty when there is none. */
export async function lastLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
