/** `/ops incident open SYSTEM [SERVICE] text`: what a person has seen becomes an incident with a thread. */
import { incidentId } from '../../domain/ids.ts';
import { healthServices } from '../../engine/checks/ask-health.ts';
import { askedTwice } from '../../engine/core/asking.ts';
import { notAMember } from '../../engine/core/authority.ts';
import { perform } from '../../engine/core/perform.ts';
import { openByHand } from '../../engine/incidents/open-by-hand.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command } from './command.ts';

const USAGE = 'Type `/ops incident open moalog redis what you see`.';
const LONGEST = 500;

export const incident: Command = {
  name: 'incident',
  usage: 'incident open SYSTEM [SERVICE] TEXT',
  says: 'opens an incident by hand, with a thread like an alert’s',
  async run({ engine }, ask) {
    const [verb, given, ...words] = ask.words;
    if (verb !== 'open' || given === undefined) return USAGE;
    const chosen = chooseSystems(engine.catalog.systems, given, undefined);
    if ('wrong' in chosen) return chosen.wrong;
    const [system] = chosen.systems;
    if (system === undefined) return USAGE;
    const first = words[0]?.toLowerCase();
    const service = healthServices(system, null).find(({ name }) => name === first)?.name ?? null;
    const text = (service === null ? words : words.slice(1)).join(' ').slice(0, LONGEST);
    if (text === '') return `What do you see? ${USAGE}`;
    const refused = await notAMember(engine, ask.asker.person);
    if (refused !== null) return refused.text;
    return perform(engine, async (draft) => {
      if (await askedTwice(draft, ask.key)) return 'This was already decided upon: it was sent twice.';
      const { person } = ask.asker;
      const id = await openByHand(engine, draft, {
        system: system.name,
        service,
        text,
        person,
        askedKey: ask.key,
        runbook: null,
      });
      return `${incidentId(id)} is open.`;
    });
  },
};
