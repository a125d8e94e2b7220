/** `/ops maintenance start|end|status`: alerts silenced for a while, with a checklist in a thread. */
import { maintenanceId } from '../../domain/ids.ts';
import { readMaintenance } from '../../domain/maintenance.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { checklistOf } from '../../engine/maintenance/checklist.ts';
import { startMaintenance, stopMaintenance } from '../../engine/maintenance/maintain.ts';
import { dbNow } from '../../journal/clock.ts';
import { openMaintenance, readMaintenanceStory } from '../../journal/maintenances.ts';
import { moment } from '../blocks.ts';
import { wrongChannel } from '../check-place.ts';
import type { Command } from './command.ts';

const USAGE =
  'Type `/ops maintenance start moalog until 06:00 the reason`, `/ops maintenance end` or `/ops maintenance status`.';

export const maintenance: Command = {
  name: 'maintenance',
  usage: 'maintenance start [SYSTEM…] [until 06:00|for 2h] [INC-n] REASON | end | status',
  says: 'a checklist, and alerts silenced to its end; in the window, or for an open incident',
  async run(context, ask) {
    const { engine } = context;
    const [verb = 'status', ...words] = ask.words;
    if (verb === 'status') return status(engine);
    const elsewhere = await wrongChannel(context, ask.asker.channel);
    if (elsewhere !== null) return elsewhere.sentence;
    const { person } = ask.asker;
    if (verb === 'end') return (await stopMaintenance(engine, person)).text;
    if (verb !== 'start') return USAGE;
    const systems = engine.catalog.systems.map(({ name }) => name);
    const read = readMaintenance(words, systems, await dbNow(engine.journal.pool));
    if ('wrong' in read) return read.wrong;
    return (await startMaintenance(engine, { ...read, person, askedKey: ask.key })).text;
  },
};

async function status(engine: Engine): Promise<string> {
  const { pool } = engine.journal;
  const open = await openMaintenance(pool);
  const story = open === null ? null : await readMaintenanceStory(pool, open.id);
  if (story === null) return 'No maintenance is under way. `/ops oncall` says when the next window is.';
  const { maintenance: row, silences, ticks } = story;
  const ticked = new Set(ticks.map(({ item }) => item));
  const left = checklistOf(engine).flatMap(({ items }) => items.filter(({ key }) => !ticked.has(key)));
  return [
    `*${maintenanceId(row.id)}* of ${row.systems.join(', ')} until ${moment(row.endsAt)}: ${escapeMrkdwn(row.reason)}`,
    `*Silenced*: ${
      silences
        .filter(({ state }) => state === 'set')
        .map(({ system }) => system)
        .join(', ') || 'nothing'
    }`,
    left.length === 0
      ? 'Every box of the checklist is ticked.'
      : `*Open boxes*: ${left.map(({ label }) => escapeMrkdwn(label)).join('; ')}`,
  ].join('\n');
}
