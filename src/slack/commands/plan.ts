/** `/ops plan STEP-n`: everything a plan would remove, however long the list. */
import { parseId, stepId } from '../../domain/ids.ts';
import { sayScope } from '../../domain/say-scope.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import { readRequests } from '../../journal/requests.ts';
import { itemLines } from '../views/step.ts';
import type { Command } from './command.ts';

export const plan: Command = {
  name: 'plan',
  usage: 'plan STEP-n',
  says: 'lists everything that the plan of STEP-n would remove',
  async run({ engine }, ask) {
    const id = parseId('STEP', ask.words[0] ?? '');
    if (id === null) return 'Which one? Type `/ops plan STEP-12`.';
    const [request] = await readRequests(engine.journal.pool, [id]);
    if (request === undefined) return `This is an unknown request: there is no plan ${stepId(id)}.`;
    const { scope, action } = request.plan;
    const lines = scope.kind === 'items' ? itemLines(request.plan) : [`• ${escapeMrkdwn(sayScope(scope))}`];
    return [
      `*${stepId(id)}* \`${action}\`, plan ${request.digest.slice(0, 16)}: ${lines.length} in all`,
      ...lines,
    ].join('\n');
  },
};
