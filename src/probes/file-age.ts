/** How old and how large the newest backup or export is: a late one is a warning. */
import { z } from 'zod';
import { type Found, newestFile } from '../clients/newest-file.ts';
import { TargetError } from '../clients/target-error.ts';
import { saySize } from '../domain/say-facts.ts';
import { degraded, probeKind, up } from './probe-kind.ts';

const HOUR_MS = 3_600_000;

const settings = z.strictObject({
  /** Of names in `BACKUP_DIR`: `*` any text, `?` one character. */
  pattern: z
    .string()
    .regex(/^[^/\\]{1,100}$/u, 'a pattern of names, without folders')
    .refine((text) => text.split('*').length <= 6, 'a pattern with at most five *'),
  /** Past which it is late. */
  hours: z.number().positive().max(10_000).default(24),
  /** Below which it can't be a whole one. */
  min_bytes: z.int().min(0).default(1),
});

export const fileAge = probeKind<z.output<typeof settings>>({
  name: 'file.age',
  settings,
  needs: 'nothing',
  facts: {
    age_hours: { type: 'number', unit: 'h' },
    bytes: { type: 'number', unit: 'bytes' },
    newest: { type: 'text' },
  },
  async probe(target, { pattern, hours, min_bytes }) {
    const folder = target.declared.backupDir;
    if (folder === null) throw new TargetError('unknown', 'not configured: BACKUP_DIR is not set');
    const newest = await newestFile(folder, pattern).catch((cause: unknown) => {
      throw new TargetError('unknown', `BACKUP_DIR can’t be read: ${codeOf(cause)}`, { cause });
    });
    if (newest === null) return degraded(`late: there is no file ${pattern}`, { newest: null });
    const ageHours = Math.round(((Date.now() - newest.changedAt) / HOUR_MS) * 10) / 10;
    const facts = { age_hours: ageHours, bytes: newest.bytes, newest: newest.name };
    const wrong = whatIsWrong(newest, ageHours, hours, min_bytes);
    return wrong === null ? up(facts) : degraded(wrong, facts);
  },
});

function whatIsWrong(newest: Found, ageHours: number, hours: number, minBytes: number): string | null {
  if (ageHours > hours)
    return `late: the last one, ${newest.name}, is ${Math.floor(ageHours)} h old, more than ${hours} h`;
  if (newest.bytes >= minBytes) return null;
  return `too small: the last one, ${newest.name}, has ${saySize(newest.bytes)}, less than ${saySize(minBytes)}`;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
