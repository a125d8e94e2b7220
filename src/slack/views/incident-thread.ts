/** The thread of an incident: what it means, the diagnosis with the recovery options, the checks, the timeline. */
import type { KnownBlock } from '@slack/web-api';
import { incidentId, stepId } from '../../domain/ids.ts';
import type { ProbeState } from '../../domain/probe.ts';
import type { ResilienceFact, Runbook } from '../../domain/runbook.ts';
import { sayFacts } from '../../domain/say-facts.ts';
import { isLongerThanShown, shownOfProbe } from '../../domain/step-output.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { IncidentStory, RunParts } from '../../engine/reading/read-incident-story.ts';
import { type CheckStepRow, isCheck } from '../../journal/steps.ts';
import { actor, buttons, context, message, moment, type Rendered, section, sections } from '../blocks.ts';
import { type BriefingContext, briefing } from './briefing.ts';
import { countdown } from './countdown.ts';
import { pictureBlocks } from './picture.ts';
import { resilienceBlocks } from './resilience.ts';

export const OPTION_ACTION = 'option.';
/** Followed by the operation's id. */
export const OPERATION_ACTION = 'operation.';
const MARK: Readonly<Record<ProbeState, string>> = { up: '🟢', degraded: '🟡', down: '🔴', unknown: '⚪' };
const CARRIAGE: ReadonlySet<string> = new Set(['body', 'bytes', 'redirects', 'latency_ms', 'answer']);

/** The one message that a person needs first: what it means, what the bot has found out, and what can be done. */
export function incidentDiagnosis(
  story: IncidentStory,
  resilience: readonly ResilienceFact[] = [],
  around: BriefingContext = { systems: [], grafana: null },
  operations: readonly Runbook[] = [],
): Rendered {
  const others = resilienceBlocks(resilience, story.incident.service);
  return message([
    ...briefing(story, around),
    ...others,
    ...diagnosis(story),
    ...recovery(story, operations),
    ...pictureBlocks(story.picture),
  ]);
}

function diagnosis(story: IncidentStory): readonly KnownBlock[] {
  const run = story.runs.filter((candidate) => candidate.kind === 'diagnosis').at(-1);
  if (run === undefined) return [];
  const steps = story.steps.filter((step) => step.runId === run.id);
  const when = run.state === 'running' ? 'under way' : `done ${moment(run.startedAt)}`;
  return sections([`*Diagnosis* · ${when}`, ...steps.filter(isCheck).flatMap(stepLines)]);
}

function recovery(story: IncidentStory, operations: readonly Runbook[]): readonly KnownBlock[] {
  const options = story.runbook?.recover ?? [];
  if (options.length + operations.length === 0 || story.incident.state === 'resolved') return [];
  const cautions = options
    .filter((option) => option.caution !== null)
    .map((option) => `⚠ ${escapeMrkdwn(option.title)}: ${escapeMrkdwn(option.caution ?? '')}`);
  return [
    ...sections([
      '*Recovery* · a click asks and shows the exact plan; it runs only when that is approved.',
      ...cautions,
    ]),
    buttons(
      [
        ...options.map(({ title, key }) => ({ label: title, action: `${OPTION_ACTION}${key}` })),
        ...operations.map(({ title, id }) => ({ label: title, action: `${OPERATION_ACTION}${id}` })),
      ].map((button) => ({ ...button, value: story.incident.token })),
    ),
  ];
}

/** What a probe or a condition said, in a line or two, with its output below. */
export function stepLines(step: CheckStepRow): readonly string[] {
  if (step.type === 'condition') {
    const { result } = step;
    if (result === null) return [`… The condition: ${waiting(step, 'asking')}`];
    const mark = result.holds === null ? '?' : result.holds ? '✗' : '✓';
    const word = result.holds === null ? 'can’t be read' : result.holds ? 'confirmed' : 'not there';
    return [`${mark} The condition is *${word}*: ${escapeMrkdwn(result.says)}`];
  }
  const { definition, result } = step;
  const name = `*${escapeMrkdwn(definition.title ?? definition.key)}* (${escapeMrkdwn(definition.service)})`;
  if (result === null) return [`… ${name} ${waiting(step, 'asking')}`];
  // What the reason says already is not said twice; how the answer was carried is for `/ops health SERVICE`.
  const fresh = Object.entries(result.facts).filter(
    ([name, value]) => !CARRIAGE.has(name) && !result.reason?.includes(String(value)),
  );
  const facts = sayFacts(Object.fromEntries(fresh));
  const said = [result.reason, facts === '' ? null : facts]
    .filter((part) => part !== null)
    .map((part) => escapeMrkdwn(part));
  const lines = [
    `${MARK[result.state]} ${name} ${result.state}${said.length > 0 ? ` · ${said.join(' · ')}` : ''}`,
  ];
  if (result.output !== undefined && result.output !== '') {
    lines.push(`\`\`\`${escapeCode(shownOfProbe(definition.probe, result.output))}\`\`\``);
    if (isLongerThanShown('probe', result.output))
      lines.push(`_All of it_: \`/ops output ${stepId(step.id)}\``);
  }
  return lines;
}

/** Of a check after a recovery that isn't good yet: how long it is still waited for. */
function waiting(step: CheckStepRow, otherwise: string): string {
  return step.progress === null ? otherwise : countdown(step.definition.withinMs, step);
}

/** After a recovery: was it enough? `incident`: the one that it was for; null: it was asked for by hand. */
export function incidentRecovery(
  story: RunParts,
  incident: Pick<IncidentStory, 'incident' | 'reading' | 'alertCount'> | null = null,
): Rendered | null {
  const run = story.runs.filter((candidate) => candidate.kind === 'verification').at(-1);
  if (run === undefined) return null;
  const steps = story.steps.filter((step) => step.runId === run.id);
  const isOver = run.state !== 'running';
  const allGood = run.state === 'succeeded';
  const blocks: KnownBlock[] = [
    section(`*${escapeMrkdwn(run.title)}*${isOver ? '' : ' · under way'}`),
    ...sections(steps.filter(isCheck).flatMap(stepLines)),
  ];
  if (isOver && steps.length > 0)
    blocks.push(section(allGood ? '✓ Every check is good.' : '✗ A check above is not good: look at it.'));
  const verdict = incident === null ? null : readingLine(incident, isOver);
  if (verdict !== null) blocks.push(section(verdict));
  return message(blocks);
}

/** Whether what the alerts say is gone, as it was read last. Null: that is not known yet, while the checks go on. */
function readingLine(
  { incident, reading, alertCount }: Pick<IncidentStory, 'incident' | 'reading' | 'alertCount'>,
  isOver: boolean,
): string | null {
  const says = escapeMrkdwn(oneLine(reading?.says ?? '', 600));
  if (incident.state === 'mitigated') return `🟢 No longer true: ${says}. *Mitigated.*`;
  if (!isOver) return null;
  const until = alertCount === 0 ? 'a person resolves it' : 'Alertmanager says otherwise';
  switch (reading?.verdict ?? null) {
    case null:
      return incident.state === 'resolved' ? null : '… Reading the alert again.';
    case 'still':
      return `🔴 Still true: ${says}. Try another option, or escalate.`;
    case 'gone':
      return `🟡 No longer true: ${says}. It is read once more before this counts as mitigated.`;
    case 'unknown':
      return `⚪ Done; still ${incident.state} until ${until}${says === '' ? '.' : `: ${says}.`}`;
    default:
      return null;
  }
}

export function incidentClosing(story: IncidentStory): Rendered | null {
  const { incident } = story;
  if (incident.state !== 'resolved' || incident.resolvedAt === null) return null;
  const lines = story.events.map(
    (event) =>
      `\`${event.at.toISOString().slice(11, 19)}\` ${actor(event.actor)}: ${escapeMrkdwn(oneLine(event.text, 300))}`,
  );
  return message([
    section(`*Timeline of ${incidentId(incident.id)}* (UTC)`),
    ...sections(lines),
    context(
      `Open for ${sayMinutes(incident.openedAt, incident.resolvedAt)} · audit: ${story.head.seq} entries, head ${story.head.hash}`,
    ),
  ]);
}

function sayMinutes(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
