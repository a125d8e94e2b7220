/** `/ops health`: one message in the channel that fills in as the services answer. */
import { askHealth } from '../../engine/checks/ask-health.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command } from './command.ts';

export const health: Command = {
  name: 'health',
  usage: 'health [SYSTEM [SERVICE]]',
  says: 'probes every service at once and answers in one message',
  async run({ engine }, ask) {
    const [system, service] = ask.words;
    const chosen = chooseSystems(engine.catalog.systems, system, service);
    if ('wrong' in chosen) return chosen.wrong;
    await askHealth(engine, {
      askedBy: ask.asker.person,
      askedKey: ask.key,
      channel: ask.asker.channel,
      answerUrl: ask.asker.responseUrl,
      threadTs: ask.asker.threadTs,
      systems: chosen.systems,
      service: service?.toLowerCase() ?? null,
    });
    return null;
  },
};
