/** `/ops silence`: alerts of a system, or of one service, kept quiet for a while. */
import { incidentId, parseId } from '../../domain/ids.ts';
import { readSilence, type ShownSilence, SILENCE_USAGE, sayMatchers } from '../../domain/silence.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { endSilence, listAllSilences, setSilence } from '../../engine/maintenance/silence.ts';
import { readIncident } from '../../journal/incidents.ts';
import { moment } from '../blocks.ts';
import { wrongChannel } from '../check-place.ts';
import type { SlackContext } from '../slack-context.ts';
import { listed } from './about-system.ts';
import type { Command } from './command.ts';

export const silence: Command = {
  name: 'silence',
  usage: 'silence SYSTEM [SERVICE] DURATION COMMENT | INC-n DURATION [COMMENT] | list | end ID',
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
    const words = await wordsOf(context, ask.words);
    if ('wrong' in words) return words.wrong;
    const read = readSilence(words.words, engine.catalog.systems);
    if ('wrong' in read) return read.wrong;
    return (await setSilence(engine, { ...read, person, askedKey: ask.key })).text;
  },
};

/** `INC-7 2h`: the system and the service of that incident, and its name where no comment is given. */
async function wordsOf(
  { engine }: SlackContext,
  words: readonly string[],
): Promise<{ readonly words: readonly string[] } | { readonly wrong: string }> {
  const [first = '', duration = '', ...comment] = words;
  const id = parseId('INC', first);
  if (id === null) return { words };
  const incident = await readIncident(engine.journal.pool, id);
  if (incident === null) return { wrong: `unknown request: there is no ${incidentId(id)}.` };
  if (incident.system === null)
    return {
      wrong: `${incidentId(id)} names no system: silence its alerts in Alertmanager, by their labels.`,
    };
  const said = comment.length === 0 ? [incidentId(id)] : comment;
  return {
    words: [incident.system, ...(incident.service === null ? [] : [incident.service]), duration, ...said],
  };
}

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
