/** `/ops health`: one message, a line for each service (or for each system), that fills in as answers arrive. */
import type { KnownBlock } from '@slack/web-api';
import type { ProbeResult, ProbeState } from '../../domain/probe.ts';
import { sayFacts } from '../../domain/say-facts.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import type { HealthAnswer, HealthPart } from '../../journal/health.ts';
import { buttons, context, header, message, moment, type Rendered, sections } from '../blocks.ts';

export const HEALTH_RERUN = 'health.rerun';

const MARK: Readonly<Record<ProbeState, string>> = { up: '🟢', degraded: '🟡', down: '🔴', unknown: '⚪' };

function serviceLine(name: string, result: ProbeResult | undefined): string {
  if (result === undefined) return `… *${name}* asking`;
  const latency = result.latencyMs === null ? '' : ` · ${Math.round(result.latencyMs)} ms`;
  const reason = result.reason === null || result.state === 'up' ? '' : ` · ${escapeMrkdwn(result.reason)}`;
  return `${MARK[result.state]} *${name}* ${result.state}${latency}${reason}`;
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

export function healthView(answer: HealthAnswer): Rendered {
  const services = answer.parts.flatMap((part) => part.services);
  const answered = answer.parts.reduce(
    (sum, part) => sum + part.services.filter((s) => part.results[s]).length,
    0,
  );
  const done = answer.parts.every((part) => part.state === 'done');
  const title =
    answer.scope === 'all' ? 'Health of every system' : `Health of ${answer.parts[0]?.system ?? ''}`;
  const lines =
    answer.scope === 'all'
      ? answer.parts.map(systemLine)
      : answer.parts.flatMap((part) => part.services.map((name) => serviceLine(name, part.results[name])));
  const blocks: KnownBlock[] = [header(title), ...sections(lines)];
  if (answer.scope === 'service') {
    for (const part of answer.parts) {
      for (const name of part.services) {
        const facts = sayFacts(part.results[name]?.facts ?? {}, 24);
        if (facts !== '') blocks.push(...sections([escapeMrkdwn(facts)]));
      }
    }
  }
  blocks.push(
    context(
      `${answered} of ${services.length} answered · asked by <@${answer.askedBy}> · ${moment(answer.at)}`,
    ),
  );
  if (done) blocks.push(buttons([{ label: 'Re-run', action: HEALTH_RERUN, value: answer.token }]));
  return message(blocks);
}
