/** Boxes ticked in a message: those of a request, those of a maintenance's checklist. */
import type { BlockAction, CheckboxesAction } from '@slack/bolt';
import type { KnownBlock } from '@slack/web-api';
import { tickBoxes } from '../../engine/changes/tick-boxes.ts';
import { tickChecklist } from '../../engine/maintenance/maintain.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import { readTicking } from '../checkboxes.ts';
import type { SlackContext } from '../slack-context.ts';
import { TICK_ACTION } from '../views/boxes.ts';
import { CHECKLIST_ACTION } from '../views/maintenance.ts';

const UNKNOWN = 'This is an unknown request: nothing here waits under that id.';

/** What to tell the person alone; null: the message says it. */
export async function takeTicks(
  context: SlackContext,
  body: BlockAction,
  action: CheckboxesAction,
): Promise<string | null> {
  const place =
    (await wrongWorkspace(context, body.team?.id ?? body.user.team_id ?? null)) ??
    (await wrongChannel(context, body.channel?.id ?? ''));
  if (place !== null) return place.sentence;
  const selected = action.selected_options.flatMap(({ value }) => value ?? []);
  const blocks: unknown = body.message?.blocks;
  // What Slack sends back of a message is what the bot posted there, signed.
  const shown = Array.isArray(blocks) ? (blocks as readonly KnownBlock[]) : [];
  const change = readTicking({ blockId: action.block_id, actionId: action.action_id, selected }, shown);
  const ask = { ...change, person: body.user.id };
  const answer =
    action.action_id === TICK_ACTION
      ? await tickBoxes(context.engine, ask)
      : action.action_id.startsWith(CHECKLIST_ACTION)
        ? await tickChecklist(context.engine, ask)
        : null;
  if (answer === null) return UNKNOWN;
  return answer.ok ? null : answer.text;
}
