/** `/ops halt`: nothing of any kind starts until a tech lead lifts it. */
import { liftHalt, halt as stop } from '../../engine/changes/halt.ts';
import type { Command } from './command.ts';

export const halt: Command = {
  name: 'halt',
  usage: 'halt REASON | halt lift',
  says: 'no action starts until a tech lead lifts it',
  run({ engine }, ask) {
    if (ask.rest.trim() === 'lift') return liftHalt(engine, ask.asker.person);
    return stop(engine, ask.asker.person, ask.rest.trim().slice(0, 300) || 'no reason given');
  },
};
