/** A storm's list is a file, which carries no metadata: its name is its key. */
import type { Engine } from '../../engine/engine.ts';
import type { MessageRow } from '../../journal/messages.ts';
import { readEntries } from '../../journal/storms.ts';
import type { SlackAnswer, SlackPort } from '../slack-client.ts';
import { uploadText } from '../upload-text.ts';
import { stormList } from '../views/storm.ts';

/** Bounds the memory that one file takes; past it the list says where it ends. */
const LONGEST_LIST = 20_000;

export const isList = (row: Pick<MessageRow, 'surface' | 'slot'>): boolean =>
  row.surface === 'storm' && row.slot.startsWith('list-');

export const listName = (row: Pick<MessageRow, 'subject' | 'slot'>): string =>
  `storm-${row.subject}-${row.slot}.tsv`;

/** Of a file, the message's `ts` is not told: its name stands for it. */
export async function postList(
  engine: Engine,
  slack: SlackPort,
  row: MessageRow,
  channel: string,
): Promise<SlackAnswer> {
  const entries = await readEntries(engine.journal.pool, row.subject, LONGEST_LIST);
  const rest = entries.length === LONGEST_LIST ? `… only the first ${LONGEST_LIST} are listed here\n` : '';
  const title = `Storm: ${entries.length} alert groups`;
  const text = engine.redact(`${stormList(entries)}${rest}`);
  const where = { channel, threadTs: row.threadTs };
  const uploaded = await uploadText(slack, where, { name: listName(row), title, comment: title, text });
  switch (uploaded.kind) {
    case 'ok':
      return { kind: 'ok', data: { ts: listName(row) } };
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
