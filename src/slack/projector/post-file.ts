/** Messages that are a file: a storm's list, the whole output of a step. A file carries no metadata: its name is its key. */
import { stepId } from '../../domain/ids.ts';
import type { Engine } from '../../engine/core/engine.ts';
import type { MessageRow } from '../../journal/messages.ts';
import { readOutput } from '../../journal/outputs.ts';
import { readEntries } from '../../journal/storms.ts';
import type { SlackAnswer, SlackPort } from '../slack-client.ts';
import { uploadText } from '../upload-text.ts';
import { stormList } from '../views/storm.ts';

/** Bounds the memory that one file takes; past it the list says where it ends. */
const LONGEST_LIST = 20_000;
const LIST = 'list-';
const OUTPUT = 'output-';

type FileKey = Pick<MessageRow, 'surface' | 'subject' | 'slot'>;

/** The file that a row stands for; null: the row is a message of blocks. Posted once, never changed. */
export function fileNameOf({ surface, subject, slot }: FileKey): string | null {
  if (surface === 'storm' && slot.startsWith(LIST)) return `storm-${subject}-${slot}.tsv`;
  const hasOutputs = surface === 'incident' || surface === 'run';
  if (hasOutputs && slot.startsWith(OUTPUT)) return `${stepId(stepOf(slot))}-output.txt`;
  return null;
}

const stepOf = (slot: string): number => Number(slot.slice(OUTPUT.length));

/** What to look for in Slack to know whether a row has been posted. */
export const wantedIn = (row: FileKey, key: string): { readonly file: string } | { readonly key: string } => {
  const file = fileNameOf(row);
  return file === null ? { key } : { file };
};

interface FileText {
  /** mrkdwn, escaped. */
  readonly title: string;
  readonly text: string;
}

function readFile(engine: Engine, row: FileKey): Promise<FileText | null> {
  return row.surface === 'storm' ? listOf(engine, row.subject) : outputOf(engine, stepOf(row.slot));
}

async function listOf(engine: Engine, storm: number): Promise<FileText> {
  const entries = await readEntries(engine.journal.pool, storm, LONGEST_LIST);
  const rest = entries.length === LONGEST_LIST ? `… only the first ${LONGEST_LIST} are listed here\n` : '';
  return { title: `Storm: ${entries.length} alert groups`, text: `${stormList(entries)}${rest}` };
}

async function outputOf(engine: Engine, step: number): Promise<FileText | null> {
  const text = await readOutput(engine.journal.pool, step);
  if (text === null) return null;
  return { title: `${stepId(step)}: all of its output, ${text.length} characters`, text };
}

/** Of a file, the message's `ts` is not told: its name stands for it. Null: there is nothing to share. */
export async function postFile(
  engine: Engine,
  slack: SlackPort,
  row: MessageRow,
  where: { readonly name: string; readonly channel: string },
): Promise<SlackAnswer | null> {
  const file = await readFile(engine, row);
  if (file === null) return null;
  const { name, channel } = where;
  const { title, text } = engine.redact(file);
  const place = { channel, threadTs: row.threadTs };
  const uploaded = await uploadText(slack, place, { name, title, comment: title, text });
  switch (uploaded.kind) {
    case 'ok':
      return { kind: 'ok', data: { ts: name } };
    case 'later':
      return uploaded.inMs > 0
        ? { kind: 'limited', retryAfterMs: uploaded.inMs }
        : { kind: 'lost', why: uploaded.why };
    case 'refused':
      return { kind: 'refused', error: uploaded.why, details: [] };
    default:
      return uploaded satisfies never;
  }
}
