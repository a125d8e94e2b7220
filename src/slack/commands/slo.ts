/** `/ops slo [SYSTEM]`: each objective and watch with its present figure, and what is left of its error budget. */
import type { System } from '../../domain/runbook.ts';
import { askObjectives } from '../../engine/checks/ask-objectives.ts';
import type { SlackContext } from '../slack-context.ts';
import { figureLines } from '../views/figures.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command } from './command.ts';

async function answer({ engine }: SlackContext, system: System): Promise<string> {
  const lines = figureLines(await askObjectives(engine, system, null), 'all');
  const said = lines.length === 0 ? ['Its page has none.'] : lines;
  return [`*${system.name}*`, ...said].join('\n');
}

export const slo: Command = {
  name: 'slo',
  usage: 'slo [SYSTEM]',
  says: 'its objectives and watches: present figures and error budgets',
  async run(context, ask) {
    const chosen = chooseSystems(context.engine.catalog.systems, ask.words[0], undefined);
    if ('wrong' in chosen) return chosen.wrong;
    const systems =
      ask.words[0] === undefined
        ? chosen.systems.filter(
            ({ facts }) => (facts?.objectives.length ?? 0) + (facts?.watches.length ?? 0) > 0,
          )
        : chosen.systems;
    if (systems.length === 0) return 'No system has objectives.';
    return (await Promise.all(systems.map((system) => answer(context, system)))).join('\n\n');
  },
};
