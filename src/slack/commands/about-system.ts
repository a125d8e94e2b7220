/** Commands about one system, and what they have in common. */
import type { System } from '../../domain/runbook.ts';
import { cut, oneLine } from '../../domain/text.ts';
import type { SlackContext } from '../slack-context.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command, CommandAsk } from './command.ts';

/** Characters: Slack shows 40,000 of a text; the rest of the answer needs some. */
export const MOST_SHOWN = 36_000;

/** A command about one system; when none is named, or nobody knows it, that is what is said. */
export function aboutSystem(
  name: string,
  usage: string,
  says: string,
  answer: (context: SlackContext, system: System, ask: CommandAsk) => Promise<string | null> | string,
): Command {
  return {
    name,
    usage,
    says,
    async run(context, ask) {
      const [given] = ask.words;
      if (given === undefined) return `Which system? Type \`/ops ${usage}\`.`;
      const chosen = chooseSystems(context.engine.catalog.systems, given, undefined);
      if ('wrong' in chosen) return chosen.wrong;
      const [system] = chosen.systems;
      return system === undefined
        ? `There is no system “${oneLine(given, 60)}”.`
        : answer(context, system, ask);
    },
  };
}

/** A title and its lines, or that there are none. */
export const listed = (title: string, lines: readonly string[], none: string): string =>
  cut([`*${title}*`, ...(lines.length === 0 ? [none] : lines)].join('\n'), MOST_SHOWN);
