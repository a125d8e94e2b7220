/** An incident, or a run by hand, as a Markdown post-incident report: who did what, when, with which outcome. */
import { isRefused } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import { incidentId, runId, stepId } from '../../domain/ids.ts';
import { sayFacts } from '../../domain/say-facts.ts';
import { sayScope } from '../../domain/say-scope.ts';
import { itemsOf, whyEnded } from '../../domain/step-result.ts';
import { oneLine, plain } from '../../domain/text.ts';
import type { ExecutionRow } from '../../journal/executions.ts';
import type { RequestRow } from '../../journal/requests.ts';
import type { RunRow } from '../../journal/runs.ts';
import { type ActionStepRow, outputEndOf, type StepRow } from '../../journal/steps.ts';
import type { IncidentStory, RunParts } from './read-incident-story.ts';

const OUTPUT_SHOWN = 4000;

/** Pure. Text from outside is escaped, so that it stays text in Markdown. */
export function reportIncident(story: IncidentStory): string {
  const { incident, runbook } = story;
  const end = incident.resolvedAt;
  const lines = [
    `# ${incidentId(incident.id)}: ${text(incident.alertname)}`,
    '',
    ...table(
      ['', ''],
      [
        [
          'System',
          text([incident.system, incident.service].filter((part) => part !== null).join(' / ') || 'none'),
        ],
        ['Severity', text(incident.severity)],
        ['State', incident.state],
        ['Opened', at(incident.openedAt)],
        [
          'Acknowledged',
          incident.acknowledgedAt === null
            ? 'no'
            : `${at(incident.acknowledgedAt)} by ${who(incident.acknowledgedBy)}, after ${since(incident.openedAt, incident.acknowledgedAt)}`,
        ],
        [
          'Mitigated',
          incident.mitigatedAt === null
            ? 'no'
            : `${at(incident.mitigatedAt)}, after ${since(incident.openedAt, incident.mitigatedAt)}`,
        ],
        [
          'Resolved',
          end === null
            ? 'no'
            : `${at(end)} by ${who(incident.resolvedBy)}, after ${since(incident.openedAt, end)}`,
        ],
        ['Runbook', incident.runbookId === null ? 'none' : `\`${incident.runbookId}\``],
        [
          'Alerts',
          `${story.alertCount}${incident.truncated > 0 ? ` (and ${incident.truncated} that Alertmanager left out)` : ''}`,
        ],
      ],
    ),
    '',
    ...(incident.summary === '' ? [] : [text(incident.summary), '']),
    ...list('## Impact', runbook?.impact ?? []),
    ...list('## Symptoms', runbook?.symptoms ?? []),
    '## Timeline',
    '',
    ...table(
      ['Time (UTC)', 'Who', 'What'],
      story.events.map((event) => [clock(event.at), who(event.actor), text(event.text)]),
    ),
    '',
    ...runSections(story),
    ...decisions(story),
    '## To be written by a person',
    '',
    '- Root cause:',
    '- What went well:',
    '- What to change, who does it, until when:',
    '',
    footer(story),
  ];
  return `${lines.join('\n')}\n`;
}

export function reportRun(story: RunParts): string | null {
  const [run] = story.runs;
  if (run === undefined) return null;
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
  return `${[
    `# ${runId(run.id)}: ${text(run.title)}`,
    '',
    ...table(
      ['', ''],
      [
        ['Runbook', `\`${run.runbookId}\``],
        ['Parameters', params.length === 0 ? 'none' : text(params.join(' '))],
        ['Asked by', `${who(run.askedBy)}, ${at(run.startedAt)}`],
        ['State', run.state],
        ['Took', run.endedAt === null ? 'goes on' : since(run.startedAt, run.endedAt)],
      ],
    ),
    '',
    ...runSections(story),
    ...decisions(story),
    footer(story),
  ].join('\n')}\n`;
}

function runSections(story: RunParts): readonly string[] {
  return story.runs.flatMap((run) => [
    `## ${text(run.title)}`,
    '',
    `${run.kind}, ${run.state}, asked by ${who(run.askedBy)}, ${took(run)}`,
    '',
    ...story.steps.filter((step) => step.runId === run.id).flatMap((step) => stepLines(story, step)),
    '',
  ]);
}

function stepLines(story: RunParts, step: StepRow): readonly string[] {
  const duration =
    step.startedAt === null || step.endedAt === null ? '' : ` (${since(step.startedAt, step.endedAt)})`;
  const head = (name: string): string =>
    `- **${text(name)}** · ${stepId(step.id)} · ${step.state}${duration}`;
  switch (step.type) {
    case 'condition': {
      const { result } = step;
      return [`${head('The condition')}${result === null ? '' : `: ${text(result.says)}`}`];
    }
    case 'probe': {
      const { definition, result } = step;
      const said = [result?.state, result?.reason, result === null ? '' : sayFacts(result.facts)].filter(
        Boolean,
      );
      return [
        `${head(definition.title ?? definition.key)}: ${text(said.join(' · '))}`,
        ...block(result?.output ?? ''),
      ];
    }
    case 'task': {
      const { definition, result } = step;
      return [
        `${head(definition.title ?? definition.task)}${result === null ? '' : `, by ${who(result.doneBy)}`}`,
      ];
    }
    case 'action':
      return actionLines(story, step, head);
    default:
      return step satisfies never;
  }
}

function actionLines(
  story: RunParts,
  step: ActionStepRow,
  head: (name: string) => string,
): readonly string[] {
  const { definition, result } = step;
  const request = story.requests.find((candidate) => candidate.stepId === step.id);
  const execution = story.executions.find((candidate) => candidate.stepId === step.id);
  const refused = result !== null && isRefused(result) ? result.refused : null;
  return [
    head(definition.title ?? `${definition.action} on ${definition.service}`),
    ...(refused === null ? [] : [`  - not planned: ${text(refused)}`]),
    ...(request === undefined ? [] : planLines(request)),
    ...(execution === undefined ? [] : outcomeLines(execution)),
    ...block(outputEndOf(step) ?? ''),
  ];
}

function planLines({ plan, digest }: RequestRow): readonly string[] {
  const identity = Object.entries(plan.identity).map(([name, value]) => `${name} ${value}`);
  return [
    `  - plan: \`${plan.action}\` on ${plan.system} / ${plan.service} (${plan.environment}, ${plan.danger}), digest \`${digest}\``,
    `  - target: ${text(identity.join(', '))}`,
    `  - scope: ${text(oneLine(sayScope(plan.scope), 2000))}`,
    `  - undo: ${text(plan.undo.kind === 'none' ? `none, ${plan.undo.reason}` : plan.undo.how)}`,
  ];
}

function outcomeLines(execution: ExecutionRow): readonly string[] {
  const why = whyEnded(execution.outcome);
  const items = itemsOf(execution.outcome).map(
    (item) => `    - ${text(item.name)}: ${item.outcome}${item.note === '' ? '' : `, ${text(item.note)}`}`,
  );
  return [
    `  - carried out by ${text(execution.claimedBy)}: ${execution.phase}${why === null ? '' : `, ${text(why)}`}`,
    ...(execution.undoSummary === null ? [] : [`  - undo made: ${text(execution.undoSummary)}`]),
    ...items,
  ];
}

function decisions(story: RunParts): readonly string[] {
  const rows = story.requests.flatMap((request) =>
    request.decisions.map((decision) => [
      stepId(request.stepId),
      clock(decision.at),
      who(decision.person),
      decision.verdict,
      text(decision.authority),
      text(decision.reason ?? ''),
      `\`${request.digest.slice(0, 16)}\``,
    ]),
  );
  if (rows.length === 0) return [];
  return [
    '## Decisions',
    '',
    ...table(['Step', 'Time (UTC)', 'Who', 'Verdict', 'As', 'Reason', 'Plan'], rows),
    '',
  ];
}

const footer = ({ head }: RunParts): string => `Audit log: ${head.seq} entries, head \`${head.hash}\`.`;

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, '', ...lines.map((line) => `- ${text(line)}`), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function block(output: string): readonly string[] {
  const shown = plain(output).trimEnd();
  if (shown === '') return [];
  const cutTo = shown.length > OUTPUT_SHOWN ? `…${shown.slice(-OUTPUT_SHOWN)}` : shown;
  // Four spaces more than the list's own make it code, whatever it holds.
  return ['', ...cutTo.split('\n').map((line) => `      ${line}`), ''];
}

const text = (value: string): string => oneLine(value, 2000).replace(/[\\`*_<>[\]#]/gu, '\\$&');
const who = (actor: string | null): string => (actor === null ? 'nobody' : text(actor));
const at = (moment: Date): string => `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const clock = (moment: Date): string => moment.toISOString().slice(0, 19).replace('T', ' ');
const since = (from: Date, to: Date): string => sayDuration(Math.max(0, to.getTime() - from.getTime()));
const took = (run: RunRow): string =>
  run.endedAt === null ? 'goes on' : `took ${since(run.startedAt, run.endedAt)}`;
