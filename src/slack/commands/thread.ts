/** `/ops thread INC-12`: a thread of its own for an incident that a storm only names. */
import { parseId } from '../../domain/ids.ts';
import { openThread } from '../../engine/incidents/open-thread.ts';
import { wrongChannel } from '../check-place.ts';
import type { Command } from './command.ts';

export const thread: Command = {
  name: 'thread',
  usage: 'thread INC-n',
  says: 'a thread of its own, with its diagnosis, for an incident that a storm only names',
  async run(context, ask) {
    const id = parseId('INC', ask.words[0] ?? '');
    if (id === null) return 'Which one? Type `/ops thread INC-12`.';
    const elsewhere = await wrongChannel(context, ask.asker.channel);
    if (elsewhere !== null) return elsewhere.sentence;
    return (await openThread(context.engine, id, ask.asker.person)).text;
  },
};
