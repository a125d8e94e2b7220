/** `/ops silence`: alerts of a system, or of one service, kept quiet for a while. */
import { readSilence, type ShownSilence, SILENCE_USAGE, sayMatchers } from '../../domain/silence.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { endSilence, listAllSilences, setSilence } from '../../engine/maintenance/silence.ts';
import { moment } from '../blocks.ts';
import { wrongChannel } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import { listed } from './about-system.ts';
import type { Command } from './command.ts';

export const silence: Command = {
  name: 'silence',
  usage: 'silence SYSTEM [SERVICE] DURATION COMMENT | list | end ID',
  says: 'keeps alerts quiet for 24 hours at most; for the duty officer, the tech lead and whoever is on call',
  async run(context, ask) {
    const { engine } = context;
    const [verb = '', id] = ask.words;
    if (verb.toLowerCase() === 'list') return list(context);
    const elsewhere = await wrongChannel(context, ask.asker.channel);
    if (elsewhere !== null) return elsewhere.sentence;
    const { person } = ask.asker;
    if (verb.toLowerCase() === 'end')
      return id === undefined ? `Which one? ${SILENCE_USAGE}` : (await endSilence(engine, id, person)).text;
    const read = readSilence(ask.words, engine.catalog.systems);
    if ('wrong' in read) return read.wrong;
    return (await setSilence(engine, { ...read, person, askedKey: ask.key })).text;
  },
};

async function list({ engine }: SlackContext): Promise<string> {
  const all = await listAllSilences(engine);
  if (all.length === 0) return 'No Alertmanager is configured: set ALERTMANAGER_URL.';
  return all
    .map(({ systems, silences, problem }) => {
      const title = `Silences in the Alertmanager of ${systems.join(', ')}`;
      if (silences === null)
        return `*${title}*\nIt could not be asked: ${escapeMrkdwn(oneLine(problem, 300))}`;
      return listed(title, silences.map(line), 'None.');
    })
    .join('\n');
}

function line({ id, matchers, startsAt, endsAt, createdBy, comment }: ShownSilence): string {
  const from = startsAt.getTime() > Date.now() ? ` from ${moment(startsAt)}` : '';
  return `• \`${escapeCode(oneLine(id, 60))}\` \`${escapeCode(oneLine(sayMatchers(matchers), 300))}\`${from} until ${moment(endsAt)} · ${escapeMrkdwn(oneLine(createdBy, 80))}: ${escapeMrkdwn(oneLine(comment, 300))}`;
}
