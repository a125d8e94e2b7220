/** The end of what an action printed; the whole of a longer one is a file in the thread, and `/ops output STEP-n` has it. */
import { stepId } from '../../domain/ids.ts';
import { isLongerThanShown, OUTPUT_SHOWN } from '../../domain/step-output.ts';
import { escapeCode, plain } from '../../domain/text.ts';
import { type ActionStepRow, outputEndOf } from '../../journal/steps.ts';

export function outputLines(step: ActionStepRow): readonly string[] {
  const shown = outputEndOf(step);
  if (shown === null || shown.trim() === '') return [];
  const text = plain(shown);
  const isCut = isLongerThanShown('action', shown);
  return [
    `\`\`\`${escapeCode(isCut ? `…${text.slice(-OUTPUT_SHOWN.action)}` : text)}\`\`\``,
    ...(isCut ? [`_All of it_: \`/ops output ${stepId(step.id)}\``] : []),
  ];
}
