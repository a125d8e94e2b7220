/**
 * A signed request is good for five minutes (docs.slack.dev, "Verifying requests from Slack"), and whoever has seen one
 * can send it again. Each command, click and dialog is taken once, by the trigger that Slack names in it; a mention and a
 * reaction by their event.
 */
import { createHash } from 'node:crypto';
import { giveBackTrigger, takeTrigger } from '../journal/triggers.ts';
import type { SlackContext } from './slack-context.ts';

export const SENT_TWICE = 'This was already decided upon: it was sent twice.';

/** `trigger`: `trigger_id` or `event_id`, with whatever else tells two requests apart. What `work` throws is thrown. */
export async function takeOnce<T>(
  { engine }: Pick<SlackContext, 'engine'>,
  trigger: string,
  work: () => Promise<T>,
): Promise<T | typeof SENT_TWICE> {
  const { pool } = engine.journal;
  const key = createHash('sha256').update(trigger).digest('base64url');
  if (!(await takeTrigger(pool, key))) return SENT_TWICE;
  try {
    return await work();
  } catch (error) {
    await giveBackTrigger(pool, key).catch(() => undefined);
    throw error;
  }
}
