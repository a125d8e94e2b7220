/** `/ops loki` and `/ops targets`: what a system's own Loki and Prometheus say. */
import { parseDuration, sayDuration } from '../../domain/duration.ts';
import { lookupStep } from '../../domain/log-lines.ts';
import type { System } from '../../domain/runbook.ts';
import { alignColumns } from '../../domain/table.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { askService } from '../../engine/checks/ask-service.ts';
import { answerLong } from '../answer-long.ts';
import { aboutSystem } from './about-system.ts';

const LOKI_MS = 10_000;
const LINES = 500;
const RANGE = '60m';
const MOST_RANGE_MS = 24 * 3_600_000;
const LONGEST_QUERY = 4000;

const has = (system: System, service: string): boolean =>
  system.services.some((entry) => entry.name === service);

const missing = (system: System, service: string): string =>
  `${system.name} has no service \`${service}\`: name one in its system.yaml, or ask another system.`;

export const loki = aboutSystem(
  'loki',
  'loki SYSTEM {stream="audit"} [15m]',
  'the lines that a LogQL query finds, in the last hour unless told, 24 hours at most',
  async (context, system, ask) => {
    if (!has(system, 'loki')) return missing(system, 'loki');
    const asked = readLokiQuery(ask.rest);
    if ('wrong' in asked) return asked.wrong;
    const settings = { query: asked.query, lines: LINES, minutes: Math.ceil(asked.rangeMs / 60_000) };
    const found = await askService(
      context.engine,
      system.name,
      lookupStep('loki', 'loki.query', settings, LOKI_MS),
    );
    const title = `*${system.name}* \`${escapeCode(oneLine(asked.query, 200))}\`, the last ${sayDuration(asked.rangeMs)}`;
    if (found.output === undefined)
      return `${title}\nloki is ${found.state}: ${escapeMrkdwn(found.reason ?? 'no answer')}`;
    if (found.facts.lines === 0) return `${title}\nNo lines.`;
    return answerLong(context, ask.asker, { title, fileName: `${system.name}-loki.log`, text: found.output });
  },
);

/** What follows the system: LogQL, then perhaps how far back. Slack sends `&lt;` for `<`, and phones type “ for ". */
export function readLokiQuery(
  rest: string,
): { readonly query: string; readonly rangeMs: number } | { readonly wrong: string } {
  const typed = rest
    .replace(/^\S+\s*/u, '')
    .replace(/[“”„]/gu, '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
  const [, query = typed, range = RANGE] = /^(.*\S)\s+(\d+[a-z]+)$/su.exec(typed) ?? [];
  if (!query.includes('{') || query.length > LONGEST_QUERY)
    return { wrong: 'Which lines? Type a LogQL query, such as `/ops loki butler {stream="audit"} 15m`.' };
  const rangeMs = parseDuration(range);
  if (rangeMs === null || rangeMs < 60_000 || rangeMs > MOST_RANGE_MS)
    return { wrong: `“${oneLine(range, 20)}” is not a duration from 1m to 24h, such as 15m.` };
  return { query, rangeMs };
}

export const targets = aboutSystem(
  'targets',
  'targets SYSTEM',
  'what its Prometheus scrapes, and what is wrong with it',
  async (context, system, ask) => {
    if (!has(system, 'prometheus')) return missing(system, 'prometheus');
    const found = await askService(
      context.engine,
      system.name,
      lookupStep('prometheus', 'prometheus.targets'),
    );
    const { down, up, total } = found.facts;
    if (found.output === undefined)
      return `*${system.name}* prometheus is ${found.state}: ${escapeMrkdwn(found.reason ?? 'no answer')}`;
    const title = `*Targets of ${system.name}*: ${up} of ${total} up, ${down} down`;
    if (total === 0) return `${title}\nIt scrapes nothing.`;
    const text = targetTable(found.output);
    return answerLong(context, ask.asker, { title, fileName: `${system.name}-targets.txt`, text });
  },
);

const ORDER = ['down', 'unknown', 'up'];

/** The probe's lines, `JOB/INSTANCE: STATE ERROR`, as columns; those that are down first. */
export function targetTable(output: string): string {
  const rows = output.split('\n').flatMap((line) => {
    const [, name, state, error] = /^(.*?): (up|down|unknown) ?(.*)$/u.exec(line) ?? [];
    const [job = '', ...instance] = (name ?? '').split('/');
    return name === undefined ? [] : [[state ?? '', job, instance.join('/'), error ?? '']];
  });
  rows.sort((a, b) => ORDER.indexOf(a[0] ?? '') - ORDER.indexOf(b[0] ?? ''));
  return alignColumns([['STATE', 'JOB', 'INSTANCE', 'LAST ERROR'], ...rows]);
}
