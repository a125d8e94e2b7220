/** Deny asks for a reason: who may is told before the modal opens, and judged again when it comes back. */
import type { SlackViewAction, ViewOutput } from '@slack/bolt';
import { decideRequest, mayDecide } from '../../engine/changes/decide-request.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import { takeOnce } from '../take-once.ts';
import type { Click } from './click.ts';

export const DENY_VIEW = 'deny';
const REASON_BLOCK = 'reason';
const REASON_INPUT = 'text';
const LONGEST_REASON = 500;

/** What to tell the person when the modal isn't opened. */
export async function openDenyModal(context: SlackContext, click: Click): Promise<string | null> {
  const refusal = await mayDecide(context.engine, {
    by: { token: click.value },
    person: click.asker.person,
    verdict: 'deny',
    reason: null,
  });
  if (refusal !== null) return refusal.sentence;
  const { channel, threadTs } = click.asker;
  const answer = await context.slack.call('views.open', {
    trigger_id: click.triggerId,
    view: {
      type: 'modal',
      callback_id: DENY_VIEW,
      private_metadata: JSON.stringify({ token: click.value, channel, threadTs }),
      title: { type: 'plain_text', text: 'Deny this step' },
      submit: { type: 'plain_text', text: 'Deny' },
      close: { type: 'plain_text', text: 'Cancel' },
      blocks: [
        {
          type: 'input',
          block_id: REASON_BLOCK,
          label: { type: 'plain_text', text: 'Why? Everyone in the thread will read it.' },
          element: {
            type: 'plain_text_input',
            action_id: REASON_INPUT,
            multiline: true,
            max_length: LONGEST_REASON,
          },
        },
      ],
    },
  });
  return answer.kind === 'ok'
    ? null
    : 'The dialog could not be opened in time. Click Deny again, or type /ops deny with the step’s id and the reason.';
}

interface DenyMetadata {
  readonly token: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** A dialog that is sent has a trigger of its own; its own id is as good where Slack leaves it out. */
const triggerOf = (body: SlackViewAction): string =>
  `${body.user.id}/${'trigger_id' in body ? String(body.trigger_id) : body.view.id}`;

export async function takeDenial(
  context: SlackContext,
  body: SlackViewAction,
  view: ViewOutput,
): Promise<void> {
  const metadata = JSON.parse(view.private_metadata) as DenyMetadata;
  const reason = view.state.values[REASON_BLOCK]?.[REASON_INPUT]?.value ?? null;
  const asker = {
    person: body.user.id,
    channel: metadata.channel,
    threadTs: metadata.threadTs,
    responseUrl: null,
  };
  try {
    const place =
      (await wrongWorkspace(context, body.team?.id ?? body.user.team_id ?? null)) ??
      (await wrongChannel(context, metadata.channel));
    const said =
      place?.sentence ??
      (await takeOnce(context, triggerOf(body), async () => {
        const answer = await decideRequest(context.engine, {
          by: { token: metadata.token },
          person: body.user.id,
          verdict: 'deny',
          reason,
        });
        return answer.ok ? null : answer.refusal.sentence;
      }));
    if (said !== null) await context.answer(asker, said);
  } catch (error) {
    context.engine.log.error({ err: error }, 'a denial could not be written');
    await context.answer(
      asker,
      'The denial could not be written down: the journal does not answer. Try again in a moment.',
    );
  }
}
