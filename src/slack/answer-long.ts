/** An answer of many lines: told alone while it fits a message, else shared as a file, since those can't be told alone. */
import { newestThatFit } from '../domain/log-lines.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../domain/text.ts';
import type { Asker } from './answer-person.ts';
import type { SlackContext } from './slack-context.ts';
import { uploadText } from './upload-text.ts';

/** Characters of code in an answer: Slack shows 40,000 of a text. */
const MOST_SHOWN = 36_000;
const SHOWN_BESIDE_FILE = 2500;

export interface LongAnswer {
  /** mrkdwn, escaped. */
  readonly title: string;
  /** `moalog-redis.log`; its ending tells Slack to show it as text. */
  readonly fileName: string;
  /** Plain text, redacted. */
  readonly text: string;
}

/** What to tell the person. */
export async function answerLong(context: SlackContext, asker: Asker, answer: LongAnswer): Promise<string> {
  const { title, fileName, text } = answer;
  // What is not ASCII grows when it is escaped, and so do the three characters of Slack's.
  const code = escapeCode(text);
  if (code.length <= MOST_SHOWN) return `${title}\n\`\`\`${code}\`\`\``;
  const place = asker.threadTs === null ? 'channel' : 'thread';
  const uploaded = await uploadText(context.slack, asker, {
    name: fileName,
    title: fileName,
    comment: `${title}, for <@${asker.person}>`,
    text,
  });
  if (uploaded.kind === 'ok')
    return `${title}\nToo long for a message: it is a file in this ${place}, \`${escapeCode(fileName)}\`.`;
  context.engine.log.warn({ why: uploaded.why, file: fileName }, 'a file could not be shared');
  const newest = escapeCode(newestThatFit(text, SHOWN_BESIDE_FILE));
  const advice =
    uploaded.kind === 'refused'
      ? 'Invite the bot to this channel, or ask for fewer lines.'
      : 'Ask once more in a moment, or for fewer lines.';
  return `${title}\nToo long for a message, and Slack did not take the file (${escapeMrkdwn(oneLine(uploaded.why, 120))}). ${advice} The newest lines:\n\`\`\`${newest}\`\`\``;
}
