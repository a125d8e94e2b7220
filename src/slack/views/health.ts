/** `/ops health`: one message, a line for each service (or for each system), that fills in as answers arrive. */
import type { KnownBlock } from '@slack/web-api';
import { type HealthState, sayFor } from '../../domain/health-history.ts';
import type { ProbeResult, ProbeState } from '../../domain/probe.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import type { HealthPast } from '../../engine/reading/read-health-past.ts';
import type { HealthAnswer, HealthPart } from '../../journal/health.ts';
import { buttons, context, header, message, moment, type Rendered, sections } from '../blocks.ts';
import { figureLines } from './figures.ts';
import { checkLine, serviceBlocks } from './health-service.ts';

export const HEALTH_RERUN = 'health.rerun';

const MARK: Readonly<Record<ProbeState, string>> = {
  up: '🟢',
  degraded: '🟡',
  down: '🔴',
  unknown: '⚪',
};

function serviceLine(name: string, result: ProbeResult | undefined, since: string): string {
  if (result === undefined) return `… *${name}* asking`;
  const latency = result.latencyMs === null ? '' : ` · ${Math.round(result.latencyMs)} ms`;
  const reason = result.reason === null || result.state === 'up' ? '' : ` · ${escapeMrkdwn(result.reason)}`;
  return `${MARK[result.state]} *${name}* ${result.state}${since}${latency}${reason}`;
}

/** ` since 12:04 (17 min)`: of what isn't up, and of a service that is looked at alone. */
function sinceOf(
  state: HealthState | undefined,
  result: ProbeResult | undefined,
  answer: HealthAnswer,
): string {
  if (state === undefined || result === undefined || state.state !== result.state) return '';
  if (result.state === 'up' && answer.scope !== 'service') return '';
  const length = sayFor(state.since, answer.at);
  return length === null ? '' : ` since ${clock(state.since, answer.at)} (${length})`;
}

/** The time of day, with the day when it was another one. */
function clock(at: Date, now: Date): string {
  const utc = at.toISOString();
  const isToday = now.getTime() - at.getTime() < 12 * 3_600_000;
  const fallback = isToday ? `${utc.slice(11, 16)} UTC` : `${utc.slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^${isToday ? '{time}' : '{date_short_pretty} {time}'}|${fallback}>`;
}

const STATES: readonly ProbeState[] = ['down', 'degraded', 'unknown', 'up'];

/** One line for a whole system: the worst state, the counts, and what is not up. */
function systemLine(part: HealthPart): string {
  const results = part.services.map((name) => part.results[name]);
  const answered = results.filter((result) => result !== undefined);
  const counts = STATES.map(
    (state) => [state, answered.filter((r) => r.state === state).length] as const,
  ).filter(([, count]) => count > 0);
  if (answered.length < part.services.length) {
    return `… *${part.system}* asking · ${answered.length} of ${part.services.length} answered`;
  }
  const worst = counts[0]?.[0] ?? 'unknown';
  const notUp = part.services.filter((name) => part.results[name]?.state !== 'up');
  const names =
    notUp.length === 0 ? '' : ` · ${notUp.map((name) => `${name} ${part.results[name]?.state}`).join(', ')}`;
  return `${MARK[worst]} *${part.system}* ${worst} · ${counts.map(([state, n]) => `${n} ${state}`).join(', ')}${names}`;
}

/** `notes`: what the catalog says of the service that is looked at alone. */
export function healthView(
  answer: HealthAnswer,
  past: HealthPast | null = null,
  notes: readonly string[] = [],
): Rendered {
  const services = answer.parts.flatMap((part) => part.services);
  const answered = answer.parts.reduce(
    (sum, part) => sum + part.services.filter((s) => part.results[s]).length,
    0,
  );
  const done = answer.parts.every((part) => part.state === 'done');
  const title =
    answer.scope === 'all' ? 'Health of every system' : `Health of ${answer.parts[0]?.system ?? ''}`;
  const states = new Map(past?.states.map((state) => [state.service, state]));
  const lineOf = (part: HealthPart, name: string): string =>
    serviceLine(name, part.results[name], sinceOf(states.get(name), part.results[name], answer));
  const lines =
    answer.scope === 'all'
      ? answer.parts.map(systemLine)
      : answer.parts.flatMap((part) => part.services.map((name) => lineOf(part, name)));
  const blocks: KnownBlock[] = [header(title), ...sections(lines)];
  const [part] = answer.parts;
  if (done && part !== undefined && answer.scope === 'service')
    blocks.push(...serviceBlocks(part, past?.history ?? null, answer.at, notes));
  if (done && part !== undefined && answer.scope === 'system')
    blocks.push(
      ...sections((part.more.checks ?? []).map(checkLine)),
      ...sections(figureLines(part.more.figures ?? [], 'system')),
    );
  blocks.push(
    context(
      `${answered} of ${services.length} answered · asked by <@${answer.askedBy}> · ${moment(answer.at)}`,
    ),
  );
  if (done) blocks.push(buttons([{ label: 'Re-run', action: HEALTH_RERUN, value: answer.token }]));
  return message(blocks);
}
