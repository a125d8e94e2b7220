/**
 * Places outside of the database that the audit log's head is written down in, one JSON object a line: what was cut off
 * or written anew since is found by comparing. Whoever can change the database can't change these.
 */
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type AuditHead, EMPTY_HEAD } from './audit-chain.ts';
import { missingHead } from './audit-verify.ts';
import { JournalTrouble } from './journal-trouble.ts';
import type { Journal } from './open-journal.ts';

export interface HeadPlace {
  /** The variable that names it. */
  readonly variable: 'AUDIT_HEAD_FILE' | 'AUDIT_HEAD_URL';
  /** @throws when it is not written there for sure. */
  append(head: AuditHead, signal: AbortSignal): Promise<void>;
  /** Those written so far; empty where there are none, or the place is only written to. @throws when it can't be read. */
  read(signal: AbortSignal): Promise<readonly AuditHead[]>;
}

const written = z.object({ seq: z.number().int().min(0), head: z.string().regex(/^[0-9a-f]{64}$/u) });
/** An address that only takes: nothing to read there (RFC 9110). */
const WRITE_ONLY = [204, 404, 405, 501];
const MOST_CHARACTERS = 64 * 1024 * 1024;

export function headPlaces(file: string | null, url: string | null): readonly HeadPlace[] {
  return [...(file === null ? [] : [inFile(file)]), ...(url === null ? [] : [atUrl(url)])];
}

const lineOf = ({ seq, hash }: AuditHead): string =>
  `${JSON.stringify({ at: new Date().toISOString(), seq, head: hash })}\n`;

function inFile(path: string): HeadPlace {
  return {
    variable: 'AUDIT_HEAD_FILE',
    async append(head) {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(lineOf(head));
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
        throw error;
      });
      return parseLines(text);
    },
  };
}

function atUrl(url: string): HeadPlace {
  return {
    variable: 'AUDIT_HEAD_URL',
    async append(head, signal) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: lineOf(head), signal });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    },
    async read(signal) {
      const answer = await fetch(url, { signal });
      if (WRITE_ONLY.includes(answer.status)) {
        await answer.body?.cancel();
        return [];
      }
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      return parseLines((await answer.text()).slice(0, MOST_CHARACTERS));
    },
  };
}

/** A line that was cut off in the middle is passed over: a head is written down again with the next action. */
function parseLines(text: string): readonly AuditHead[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { seq, head } = written.parse(JSON.parse(line));
      return seq === 0 || head === EMPTY_HEAD ? [] : [{ seq, hash: head }];
    } catch {
      return [];
    }
  });
}

const READ_MS = 10_000;

/** All heads that were written down. @throws JournalTrouble that names the variable of a place that can't be read. */
export async function readHeads(
  places: readonly HeadPlace[],
): Promise<readonly (AuditHead & { readonly variable: string })[]> {
  const found = await Promise.all(
    places.map(async ({ variable, read }) => {
      try {
        return (await read(AbortSignal.timeout(READ_MS))).map((head) => ({ ...head, variable }));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new JournalTrouble([`${variable}: the heads written there can't be read (${why})`], error);
      }
    }),
  );
  return found.flat();
}

/** @throws JournalTrouble when the journal's audit log lacks a head that was written down. */
export async function compareHeads(journal: Journal, places: readonly HeadPlace[]): Promise<void> {
  const heads = await readHeads(places);
  const missing = await missingHead(journal.pool, heads);
  if (missing === null) return;
  const at = heads.find((head) => head.seq === missing.seq && head.hash === missing.hash);
  throw new JournalTrouble([
    `${at?.variable ?? 'AUDIT_HEAD_FILE'}: the journal was tampered with, or is an older backup: entry ${missing.seq} with the head ${missing.hash} was written down there, and its audit log doesn't have it; look with pageturner audit verify, and begin a new place to go on with this journal`,
  ]);
}
