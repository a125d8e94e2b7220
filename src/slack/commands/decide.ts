/** `/ops approve` and `/ops deny`: the same decision as the buttons, judged in the same place. */
import { parseId } from '../../domain/ids.ts';
import { decideRequest } from '../../engine/changes/decide-request.ts';
import { wrongChannel } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import type { Command, CommandAsk } from './command.ts';

async function decide(context: SlackContext, ask: CommandAsk, verdict: 'approve' | 'deny'): Promise<string> {
  const [id, ...reason] = ask.words;
  const stepId = id === undefined ? null : parseId('STEP', id);
  if (stepId === null)
    return `Which one? Type \`/ops ${verdict} STEP-12${verdict === 'deny' ? ' the reason' : ''}\`.`;
  const elsewhere = await wrongChannel(context, ask.asker.channel);
  if (elsewhere !== null) return elsewhere.sentence;
  if (verdict === 'deny' && reason.length === 0) return `Why? Type \`/ops deny STEP-${stepId} the reason\`.`;
  const answer = await decideRequest(context.engine, {
    by: { stepId },
    person: ask.asker.person,
    verdict,
    reason: reason.length === 0 ? null : reason.join(' ').slice(0, 500),
  });
  return answer.ok ? answer.text : answer.refusal.sentence;
}

export const approve: Command = {
  name: 'approve',
  usage: 'approve STEP-n',
  says: 'approves exactly the plan that STEP-n shows',
  run: (context, ask) => decide(context, ask, 'approve'),
};

export const deny: Command = {
  name: 'deny',
  usage: 'deny STEP-n REASON',
  says: 'denies it; the reason is shown in the thread',
  run: (context, ask) => decide(context, ask, 'deny'),
};
