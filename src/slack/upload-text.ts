/** Text that is too long for a message, shared as a file that Slack shows the beginning of. */
import { plain } from '../domain/text.ts';
import type { SlackPort } from './slack-client.ts';
import { type Uploaded, uploadFile } from './upload-file.ts';

/** Bytes; of a longer text the end is kept, where a log's news is. */
const MOST_BYTES = 1024 * 1024;

/** `text` has passed redaction. `name` ends in `.txt` or `.log`, so that Slack shows it as text. */
export function uploadText(
  slack: SlackPort,
  where: { readonly channel: string; readonly threadTs: string | null },
  file: { readonly name: string; readonly title: string; readonly comment: string; readonly text: string },
): Promise<Uploaded> {
  const whole = Buffer.from(plain(file.text), 'utf8');
  const bytes = whole.length <= MOST_BYTES ? whole : lastLines(whole);
  const share = { channel: where.channel, threadTs: where.threadTs, comment: file.comment };
  return uploadFile(slack, { name: file.name, title: file.title, bytes, share });
}

/** Whole lines, so that no letter is cut in two. */
function lastLines(whole: Buffer): Buffer {
  const end = whole.subarray(whole.length - MOST_BYTES);
  const newline = end.indexOf(0x0a);
  return end.subarray(newline + 1);
}
