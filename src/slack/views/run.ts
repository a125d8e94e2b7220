/** How far a run is, in one message: each step with its state, what is waited for, and the verdict. */
import type { KnownBlock } from '@slack/web-api';
import { isRefused } from '../../domain/action.ts';
import { runId, stepId } from '../../domain/ids.ts';
import type { RunState } from '../../domain/lives.ts';
import { whyEnded } from '../../domain/step-result.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { RunParts } from '../../engine/reading/read-incident-story.ts';
import type { RunRow } from '../../journal/runs.ts';
import type { ActionStepRow, CheckStepRow, StepRow, TaskStepRow } from '../../journal/steps.ts';
import { actor, buttons, context, message, moment, type Rendered, section, sections } from '../blocks.ts';
import { countdown } from './countdown.ts';
import { stepLines } from './incident-thread.ts';
import { outputLines } from './output.ts';

export const TASK_ACTION = 'task.done';

const STATE: Readonly<Record<RunState, string>> = {
  running: '… *under way*',
  succeeded: '✓ *done*',
  failed: '✗ *failed*',
  cancelled: '⊘ *aborted*',
};

/** The root of a run by hand. */
export function runRoot(story: RunParts): Rendered | null {
  const [run] = story.runs;
  if (run === undefined) return null;
  const given = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
  const said = [
    `asked by ${actor(run.askedBy)} ${moment(run.startedAt)}`,
    `runbook \`${escapeCode(run.runbookId)}\``,
    ...(given.length === 0 ? [] : [`\`${escapeCode(oneLine(given.join(' '), 300))}\``]),
  ];
  return message([...overviewBlocks(story, run), context(said.join(' · '))]);
}

/** Of a run inside an incident's thread; null when the message of its only step says it all. */
export function runOverview(story: RunParts, id: number): Rendered | null {
  const run = story.runs.find((candidate) => candidate.id === id);
  if (run === undefined) return null;
  const [first, ...more] = shownSteps(story, run);
  const isAlone =
    first !== undefined && more.length === 0 && first.type === 'action' && first.danger !== 'safe';
  return isAlone || first === undefined ? null : message(overviewBlocks(story, run));
}

function overviewBlocks(story: RunParts, run: RunRow): readonly KnownBlock[] {
  const system = run.runbookId.split('/')[0] ?? '';
  const steps = shownSteps(story, run);
  const done = steps.filter((step) => step.state === 'succeeded').length;
  const title = `*${escapeMrkdwn(run.title)}* · ${escapeMrkdwn(system)} · ${runId(run.id)} · ${STATE[run.state]} (${done} of ${steps.length})`;
  const stopped = run.stopAskedBy === null ? [] : [`Aborted by ${actor(run.stopAskedBy)}.`];
  const open = steps.filter((step) => step.type === 'task' && step.state === 'waiting');
  return [
    section(title),
    ...sections([...steps.flatMap((step) => lineOf(story, step)), ...stopped]),
    ...open
      .slice(0, 1)
      .map((step) => buttons([{ label: 'Done', action: TASK_ACTION, value: step.token, style: 'primary' }])),
  ];
}

/** Without those whose place another one took. */
function shownSteps(story: RunParts, run: RunRow): readonly StepRow[] {
  return story.steps.filter((step) => step.runId === run.id && step.replacedBy === null);
}

function lineOf(story: RunParts, step: StepRow): readonly string[] {
  switch (step.type) {
    case 'probe':
    case 'condition':
      return probeLines(step);
    case 'task':
      return taskLines(step);
    case 'action':
      return actionLines(story, step);
    default:
      return step satisfies never;
  }
}

const NOT_RUN: ReadonlySet<StepRow['state']> = new Set(['pending', 'skipped', 'cancelled']);

function notRun(step: StepRow, name: string): string {
  const why = step.notRun === null || step.notRun.how === 'denied' ? null : step.notRun.why;
  return step.state === 'pending'
    ? `○ ${name}`
    : `⊘ ${name} *${step.state}*${why === null ? '' : `: ${escapeMrkdwn(oneLine(why, 200))}`}`;
}

function probeLines(step: CheckStepRow): readonly string[] {
  const { definition } = step;
  const title = step.type === 'probe' ? step.definition.title : null;
  const name = escapeMrkdwn(title ?? `${definition.service} is up`);
  if (NOT_RUN.has(step.state) || step.result === null) {
    if (step.state !== 'running') return [notRun(step, name)];
    return [`… ${name} ${countdown(definition.withinMs, step)}`];
  }
  const mark = step.state === 'succeeded' ? '✓' : '✗';
  return stepLines(step).map((line, i) => (i === 0 ? `${mark} ${line}` : line));
}

function taskLines(step: TaskStepRow): readonly string[] {
  const { definition, result } = step;
  const text = escapeMrkdwn(oneLine(definition.title ?? definition.task, 500));
  const more =
    definition.title === null || step.state !== 'waiting'
      ? []
      : [`    ${escapeMrkdwn(oneLine(definition.task, 1500))}`];
  if (step.state === 'waiting') return [`☐ ${text} · ${stepId(step.id)} *waits for a person*`, ...more];
  if (result !== null) return [`☑ ${text} · ${actor(result.doneBy)} ${moment(new Date(result.at))}`];
  return [notRun(step, text)];
}

function actionLines(story: RunParts, step: ActionStepRow): readonly string[] {
  const { definition, result } = step;
  const name = escapeMrkdwn(definition.title ?? `${definition.action} on ${definition.service}`);
  const id = stepId(step.id);
  const request = story.requests.find((candidate) => candidate.stepId === step.id);
  const execution = story.executions.find((candidate) => candidate.stepId === step.id);
  if (result !== null && isRefused(result))
    return [`⊘ ${name} · ${id} *can’t be planned*: ${escapeMrkdwn(oneLine(result.refused, 500))}`];
  if (step.state === 'waiting')
    return [
      `… ${name} · ${id} *${request?.state === 'approved' ? 'approved' : 'waits for a decision'}*, see below`,
    ];
  if (step.state === 'running') {
    const line = step.progress === null ? '' : `: ${escapeMrkdwn(oneLine(step.progress.line, 200))}`;
    return [`… ${name} · ${id} *under way*${line}`];
  }
  if (NOT_RUN.has(step.state)) return [notRun(step, `${name} · ${id}`)];
  const mark = step.state === 'succeeded' ? '✓' : step.state === 'interrupted' ? '⚠' : '✗';
  const why = whyEnded(execution?.outcome ?? null);
  const said = why === null ? '' : ` · ${escapeMrkdwn(oneLine(why, 500))}`;
  return [`${mark} ${name} · ${id} *${step.state}*${said}`, ...outputLines(step)];
}
