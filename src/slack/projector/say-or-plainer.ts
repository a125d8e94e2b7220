/** What Slack refuses for its content is said shorter and plainer, once for each way there is. */
import type { MessageRow } from '../../journal/messages.ts';
import type { Rendered } from '../blocks.ts';
import { plainerThan } from '../plainer.ts';
import { kindOfRefusal } from '../refusals.ts';
import type { SlackAnswer } from '../slack-client.ts';
import { keyOf, type Projection } from './projection.ts';

const isRefusedForGood = (answer: SlackAnswer): answer is SlackAnswer & { readonly kind: 'refused' } =>
  answer.kind === 'refused' && kindOfRefusal(answer.error) === 'never';

/** The first answer that is not about the content; the first refusal when every way is refused. */
export async function sayOrPlainer(
  { engine }: Pick<Projection, 'engine'>,
  row: MessageRow,
  shown: Rendered,
  call: (content: Rendered) => Promise<SlackAnswer>,
): Promise<SlackAnswer> {
  const first = await call(shown);
  // A picture may be the reason, which passes: seen to by whoever asked.
  if (!isRefusedForGood(first) || (first.error === 'invalid_blocks' && pictureIn(shown) !== null))
    return first;
  engine.log.error(
    { message: keyOf(row), error: first.error, details: first.details },
    'Slack refused what a message says; it is said shorter and plainer',
  );
  for (const plainer of plainerThan(shown)) {
    const answer = await call(plainer);
    if (!isRefusedForGood(answer)) return answer;
  }
  return first;
}

/** The id of the file that an image block names. */
export function pictureIn(shown: Rendered): string | null {
  for (const block of shown.blocks) {
    if (block.type !== 'image' || !('slack_file' in block) || block.slack_file === undefined) continue;
    if ('id' in block.slack_file && block.slack_file.id !== undefined) return block.slack_file.id;
  }
  return null;
}
