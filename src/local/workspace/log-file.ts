/** The file behind the workspace: one JSON line for each version of a message, and for each file shared. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Message, StoredFile } from './message.ts';

const block = z.record(z.string(), z.unknown());
const messageLine = z.object({
  channel: z.string(),
  ts: z.string().regex(/^\d+\.\d{6}$/u),
  threadTs: z.string().nullable(),
  user: z.string(),
  text: z.string(),
  blocks: z.array(block).nullable(),
  metadata: block.nullable(),
  visibleTo: z.string().nullable(),
  files: z.array(z.string()).default([]),
  reactions: z.array(z.string()).default([]),
  edits: z.number(),
  deleted: z.boolean(),
});
const fileLine = z.object({
  file: z.object({
    id: z.string(),
    name: z.string(),
    title: z.string(),
    state: z.literal('complete'),
    body: z.base64(),
  }),
});

/** Reads what is there. A line cut off by a crash is no message, and is ended so that the next one stands by itself. */
export function readLog(
  path: string,
  keepMessage: (message: Message) => void,
  keepFile: (file: StoredFile) => void,
): void {
  if (!existsSync(path)) return;
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines.at(-1) !== '') appendFileSync(path, '\n');
  for (const line of lines) {
    const value = parse(line);
    const message = messageLine.safeParse(value);
    if (message.success) keepMessage(message.data);
    const stored = fileLine.safeParse(value);
    if (stored.success) {
      const { file } = stored.data;
      keepFile({ ...file, body: Buffer.from(file.body, 'base64') });
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
