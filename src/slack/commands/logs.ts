/** `/ops logs`: the last lines of one service or of all, once, or followed for a while. */
import { parseDuration, sayDuration } from '../../domain/duration.ts';
import { logStep, newestThatFit } from '../../domain/log-lines.ts';
import type { System } from '../../domain/runbook.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { askService } from '../../engine/checks/ask-service.ts';
import { noteReading, postLookup } from '../../engine/checks/post-lookup.ts';
import { answerLong } from '../answer-long.ts';
import type { SlackContext } from '../slack-context.ts';
import { aboutSystem } from './about-system.ts';
import type { CommandAsk } from './command.ts';

const LINES = 50;
const MOST_LINES = 500;
/** Of each, where all services are asked. */
const LINES_OF_EACH = 15;
const FOLLOW_MS = 60_000;
const MOST_FOLLOW_MS = 5 * 60_000;
const LEAST_FOLLOW_MS = 5000;
/** Characters of one service's log among many: what is left of 1 MiB is bounded by lines and their length. */
const MOST_OF_ONE = 250_000;

export const logs = aboutSystem(
  'logs',
  'logs SYSTEM [SERVICE [LINES | follow [60s]]]',
  `the last lines of a service, ${LINES} unless told, ${MOST_LINES} at most, or as they come; without SERVICE a few of each`,
  (context, system, ask) => {
    const [, service, more = String(LINES), forHow] = ask.words;
    const known = system.services
      .filter((entry) => entry.target.container !== null)
      .map((entry) => entry.name);
    if (known.length === 0) return `No service of ${system.name} has a container.`;
    if (service === undefined) return logsOfAll(context, system, known, ask);
    if (!known.includes(service)) return `Which service? Those with a container are: ${known.join(', ')}.`;
    if (more === 'follow') return follow(context, system, service, forHow, ask);
    const lines = Number(more);
    if (!Number.isInteger(lines) || lines < 1 || lines > MOST_LINES)
      return `“${oneLine(more, 20)}” is not a number from 1 to ${MOST_LINES}.`;
    return logsOfOne(context, system, service, lines, ask);
  },
);

async function logsOfOne(
  context: SlackContext,
  system: System,
  service: string,
  lines: number,
  ask: CommandAsk,
): Promise<string> {
  await noteReading(context.engine, ask.asker.person, system.name, service);
  const found = await askService(context.engine, system.name, logStep(service, lines));
  if (found.output === undefined)
    return `*${service}* ${found.state}: ${escapeMrkdwn(found.reason ?? 'no log')}`;
  const title = `*${service}* of ${system.name}, the last ${lines} lines`;
  if (found.output === '') return `${title}\nIt has written nothing.`;
  return answerLong(context, ask.asker, {
    title,
    fileName: `${system.name}-${service}.log`,
    text: found.output,
  });
}

async function logsOfAll(
  context: SlackContext,
  system: System,
  services: readonly string[],
  ask: CommandAsk,
): Promise<string> {
  await noteReading(context.engine, ask.asker.person, system.name, null);
  const parts = await Promise.all(
    services.map(async (service) => {
      const found = await askService(context.engine, system.name, logStep(service, LINES_OF_EACH));
      const said = found.output ?? `${found.state}: ${found.reason ?? 'no log'}`;
      return `== ${service} ==\n${newestThatFit(said, MOST_OF_ONE) || 'It has written nothing.'}`;
    }),
  );
  return answerLong(context, ask.asker, {
    title: `*${system.name}*, the last ${LINES_OF_EACH} lines of each service`,
    fileName: `${system.name}.log`,
    text: parts.join('\n\n'),
  });
}

async function follow(
  context: SlackContext,
  system: System,
  service: string,
  forHow: string | undefined,
  ask: CommandAsk,
): Promise<string | null> {
  const forMs = forHow === undefined ? FOLLOW_MS : parseDuration(forHow);
  if (forMs === null || forMs < LEAST_FOLLOW_MS || forMs > MOST_FOLLOW_MS)
    return `“${oneLine(forHow ?? '', 20)}” is not a duration from ${sayDuration(LEAST_FOLLOW_MS)} to ${sayDuration(MOST_FOLLOW_MS)}, such as 60s.`;
  const answer = await postLookup(context.engine, {
    askedBy: ask.asker.person,
    askedKey: ask.key,
    channel: ask.asker.channel,
    answerUrl: ask.asker.responseUrl,
    threadTs: ask.asker.threadTs,
    title: `Log of ${system.name} / ${service}`,
    body: '',
    chart: null,
    follow: { system: system.name, service, forMs },
  });
  return answer === 'posted'
    ? null
    : 'As many logs are followed already as the bot can keep up with: try again when one of them has ended.';
}
