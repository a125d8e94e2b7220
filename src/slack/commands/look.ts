/** What people look up before they act: containers, logs, links, and which variables are set. */
import type { ProbeStep, ServiceEntry, System } from '../../domain/runbook.ts';
import { cut, escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { askService } from '../../engine/ask-service.ts';
import type { SlackContext } from '../slack-context.ts';
import { chooseSystems } from './choose-systems.ts';
import type { Command, CommandAsk } from './command.ts';

const TIMEOUT_MS = 5000;
const LINES = 50;
const MOST_LINES = 500;
/** Slack shows 40,000 characters of text; the rest of the answer needs some. */
const LOG_SHOWN = 36_000;

function step(service: string, probe: string, settings: Readonly<Record<string, unknown>> = {}): ProbeStep {
  return {
    key: probe,
    title: null,
    probe,
    service,
    settings,
    expect: null,
    withinMs: 0,
    timeoutMs: TIMEOUT_MS,
  };
}

/** A command about one system; when none is named, or nobody knows it, that is what is said. */
function aboutSystem(
  name: string,
  usage: string,
  says: string,
  answer: (context: SlackContext, system: System, ask: CommandAsk) => Promise<string> | string,
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
const listed = (title: string, lines: readonly string[], none: string): string =>
  cut([`*${title}*`, ...(lines.length === 0 ? [none] : lines)].join('\n'), LOG_SHOWN);

async function containerLine(context: SlackContext, system: System, entry: ServiceEntry): Promise<string> {
  const found = await askService(context.engine, system.name, step(entry.name, 'docker.container'));
  const { state, health, restart_count: restarts, oom_killed: killed } = found.facts;
  const more = [
    health === null || health === undefined ? null : `health ${health}`,
    Number(restarts ?? 0) > 0 ? `${restarts} restarts` : null,
    killed === true ? 'OOMKilled' : null,
  ].filter((part) => part !== null);
  const says = [state ?? found.reason ?? found.state, ...more].join(' · ');
  return `• *${entry.name}* (\`${escapeCode(entry.target.container ?? '')}\`) ${escapeMrkdwn(says)}`;
}

export const ps = aboutSystem(
  'ps',
  'ps SYSTEM',
  'the state of each of its containers',
  async (context, system) => {
    const entries = system.services.filter((entry) => entry.target.container !== null);
    const lines = await Promise.all(entries.map((entry) => containerLine(context, system, entry)));
    return listed(`Containers of ${system.name}`, lines, 'None is known to the catalog.');
  },
);

export const logs = aboutSystem(
  'logs',
  'logs SYSTEM SERVICE [LINES]',
  `the last lines of a service, ${LINES} unless told, ${MOST_LINES} at most`,
  async (context, system, ask) => {
    const [, service, count = String(LINES)] = ask.words;
    const known = system.services
      .filter((entry) => entry.target.container !== null)
      .map((entry) => entry.name);
    if (service === undefined || !known.includes(service)) {
      return `Which service? Those with a container are: ${known.join(', ')}.`;
    }
    const lines = Number(count);
    if (!Number.isInteger(lines) || lines < 1 || lines > MOST_LINES) {
      return `“${oneLine(count, 20)}” is not a number from 1 to ${MOST_LINES}.`;
    }
    const found = await askService(context.engine, system.name, step(service, 'docker.logs', { lines }));
    if (found.output === undefined)
      return `*${service}* ${found.state}: ${escapeMrkdwn(found.reason ?? 'no log')}`;
    const text = found.output.length > LOG_SHOWN ? `…\n${found.output.slice(-LOG_SHOWN)}` : found.output;
    const said = found.output === '' ? 'It has written nothing.' : `\`\`\`${escapeCode(text)}\`\`\``;
    return `*${service}* of ${system.name}, the last ${lines} lines\n${said}`;
  },
);

export const links = aboutSystem('links', 'links SYSTEM', 'its dashboards and tools', (_, system) => {
  const lines = system.links.map((link) => `• <${link.url}|${escapeMrkdwn(link.title)}>`);
  return listed(`Links of ${system.name}`, lines, 'None is known to the catalog.');
});

export const env = aboutSystem(
  'env',
  'env SYSTEM',
  'which of its variables are set where the bot runs; names, never values',
  (context, system) => {
    const lines = (system.facts?.variables ?? []).flatMap(({ part, names }) => [
      `*${escapeMrkdwn(part)}*`,
      ...names.map((name) => `• \`${escapeCode(name)}\` ${context.isSet(name) ? 'set' : '*unset*'}`),
    ]);
    return listed(`Variables of ${system.name}`, lines, 'Its page lists none.');
  },
);
