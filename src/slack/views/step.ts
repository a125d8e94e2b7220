/** A step that waits for a decision: the exact plan, who may decide, until when; then what became of it. */

import type { KnownBlock } from '@slack/web-api';
import { type ItemOutcome, isRefused, type Plan } from '../../domain/action.ts';
import { isEmergency } from '../../domain/change-rules.ts';
import { mayDecide } from '../../domain/decide.ts';
import { incidentId, stepId } from '../../domain/ids.ts';
import { backupNow, onCallNow } from '../../domain/organisation.ts';
import { isTerminalAsker, osUserOf } from '../../domain/person.ts';
import type { Organisation } from '../../domain/runbook.ts';
import { sayFact, saySize } from '../../domain/say-facts.ts';
import { itemsOf, whyEnded } from '../../domain/step-result.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { RunParts } from '../../engine/reading/read-incident-story.ts';
import type { ExecutionRow } from '../../journal/executions.ts';
import type { IncidentRow } from '../../journal/incidents.ts';
import type { RequestRow } from '../../journal/requests.ts';
import type { ActionStepRow, StepRow } from '../../journal/steps.ts';
import { actor, buttons, context, message, moment, type Rendered, section, sections } from '../blocks.ts';
import { boxBlocks, boxLines } from './boxes.ts';
import { reach } from './escalation.ts';
import { outputLines } from './output.ts';

export const APPROVE_ACTION = 'request.approve';
export const DENY_ACTION = 'request.deny';

export function stepView(story: RunParts, id: number, organisation: Organisation): Rendered | null {
  const step = story.steps.find((candidate) => candidate.id === id);
  const run = story.runs.find((candidate) => candidate.id === step?.runId);
  if (step?.type !== 'action' || run === undefined) return null;
  const request = story.requests.find((candidate) => candidate.stepId === id) ?? null;
  const execution = story.executions.find((candidate) => candidate.stepId === id) ?? null;
  const title = `*${escapeMrkdwn(run.title)}* · ${stepId(id)}`;
  if (request === null) {
    const why = refusal(step);
    return why === null
      ? null
      : message([section(`⊘ ${title} · can’t be planned`), section(escapeMrkdwn(why))]);
  }
  const blocks: KnownBlock[] = [
    section(`${title} · ${stateLine(step, request, execution)}`),
    ...sections(takesBackLines(story, step)),
    ...planBlocks(request.plan, id),
    context(
      `asked by ${actor(request.askedBy)} ${moment(request.askedAt)} · plan ${request.digest.slice(0, 16)}`,
    ),
  ];
  if (request.state === 'open') blocks.push(...askBlocks(request, organisation, story.incident ?? null));
  else blocks.push(...decidedBlocks(step, request, execution, story));
  if (request.state === 'expired') blocks.push(context(whomToAsk(organisation)));
  return message(blocks);
}

/** Why it is asked for although the run has failed: otherwise what was stopped would stay so. */
function takesBackLines(story: RunParts, step: ActionStepRow): readonly string[] {
  const { resumes } = step.definition;
  const before = story.steps.filter((one) => one.runId === step.runId && one.position < step.position);
  const failed = before.find(({ state, replacedBy }) => isFailure(state) && replacedBy === null);
  const stopped = before.find((one) => one.type === 'action' && one.definition.key === resumes);
  if (resumes === undefined || failed === undefined || stopped === undefined) return [];
  return [
    `⚠ *${stepTitle(failed)}* did not succeed, and *${stepTitle(stopped)}* was done before. Approve this to take it back: *${stepTitle(step)}*.`,
  ];
}

const isFailure = (state: StepRow['state']): boolean =>
  state === 'failed' || state === 'interrupted' || state === 'cancelled';

const stepTitle = (step: StepRow): string =>
  escapeMrkdwn('title' in step.definition && step.definition.title ? step.definition.title : stepId(step.id));

function refusal(step: ActionStepRow): string | null {
  return step.result !== null && isRefused(step.result) ? step.result.refused : null;
}

function stateLine(step: ActionStepRow, request: RequestRow, execution: ExecutionRow | null): string {
  switch (request.state) {
    case 'open':
      return '*waits for a decision*';
    case 'denied':
      return '⊘ *denied*';
    case 'expired':
      return '⧗ *expired*';
    case 'superseded':
      return '↻ *superseded*: nothing was done';
    case 'cancelled':
      return '⊘ *cancelled*';
    case 'approved':
      break;
    default:
      return request.state satisfies never;
  }
  if (execution === null) return '✓ *approved*';
  switch (step.state) {
    case 'succeeded':
      return '✓ *done*';
    case 'failed':
      return '✗ *failed*';
    case 'interrupted':
      return '⚠ *interrupted*';
    default:
      return '… *under way*';
  }
}

/** Everything the digest covers, in words. */
function planBlocks(plan: Plan, id: number): KnownBlock[] {
  const identity = Object.entries(plan.identity).map(([name, value]) => sayFact(name, value));
  const marker = plan.marker === null ? 'unmarked' : `marked ${plan.marker}`;
  const lines = [
    `\`${plan.action}\` on *${plan.system} / ${plan.service}* · ${plan.environment} (${marker}) · ${plan.danger}`,
    `*Target*: ${escapeMrkdwn(identity.join(' · '))}`,
    ...scopeLines(plan, id),
    ...plan.preview.map((line) => escapeMrkdwn(line)),
    ...plan.sharedWith.map((text) => `⚠ *Also there*: ${escapeMrkdwn(text)}`),
    plan.undo.kind === 'none'
      ? `*Undo*: no undo. ${escapeMrkdwn(plan.undo.reason)}`
      : `*Undo*: ${escapeMrkdwn(plan.undo.how)} (about ${saySize(plan.undo.estimatedBytes)}; made and checked after the approval, before anything is done)`,
  ];
  return sections(lines);
}

/** Characters of the list that fit beside the rest of the message. */
const LIST_SHOWN = 6000;

function scopeLines(plan: Plan, id: number): readonly string[] {
  const { scope } = plan;
  if (scope.kind === 'keyspace') {
    return [
      `*What goes*: ${escapeMrkdwn(scope.name)}, ${scope.keys} ${scope.of ?? 'keys'} now (up to ${scope.mayGrowTo} at execution, else it stops)`,
    ];
  }
  if (scope.kind === 'call') return [`*What is done*: \`${escapeCode(oneLine(scope.does, 1500))}\``];
  const lines = itemLines(plan);
  let length = 0;
  const shown = lines.filter((line) => {
    length += line.length + 1;
    return length <= LIST_SHOWN;
  });
  const rest = lines.length - shown.length;
  return [
    `*${plan.danger === 'destructive' ? 'What goes' : 'What is changed'}* (${scope.items.length}):`,
    ...shown,
    ...(rest > 0 ? [`… and ${rest} more: \`/ops plan ${stepId(id)}\` lists every one`] : []),
  ];
}

export function itemLines(plan: Plan): readonly string[] {
  if (plan.scope.kind !== 'items') return [];
  return plan.scope.items.map(
    (item) =>
      `• ${escapeMrkdwn(oneLine(item.name, 200))}${item.note === '' ? '' : ` · ${escapeMrkdwn(item.note)}`}`,
  );
}

function askBlocks(
  request: RequestRow,
  organisation: Organisation,
  incident: IncidentRow | null,
): KnownBlock[] {
  const approvals = request.decisions.filter((d) => d.verdict === 'approve');
  const leads = organisation.techLead.map(actor).join(', ');
  const approvers = request.plan.approvers ?? [];
  const officers = approvers.includes('duty-officer') ? organisation.dutyOfficer.map(actor).join(', ') : '';
  const named = [leads, officers].filter((names) => names !== '').join(', ');
  const who = `${mayDecide({ danger: request.danger, approvers }).replace(/,$/u, '')}${named === '' ? '' : ` (${named})`}${request.danger === 'destructive' ? '; never whoever asked' : ''}`;
  const nobody =
    request.origin === 'terminal' && isTerminalAsker(request.askedBy) && request.danger === 'destructive'
      ? `\nTwo people must approve: org.yaml doesn’t say who uses the terminal as *${escapeMrkdwn(osUserOf(request.askedBy))}*`
      : '';
  const count = request.quorum > 1 ? ` · ${approvals.length} of ${request.quorum} approvals` : '';
  const isProd = request.plan.environment === 'prod';
  const emergency =
    isProd && incident !== null && isEmergency(incident)
      ? `\n*Emergency* of ${incidentId(incident.id)}: no window, no boxes`
      : '';
  return [
    ...(isProd && !isEmergency(incident) ? boxBlocks(request, organisation, new Date()) : []),
    section(`*Who may decide*: ${who}${count}${nobody}\n*Expires*: ${moment(request.decideBy)}${emergency}`),
    buttons([
      { label: 'Approve', action: APPROVE_ACTION, value: request.token, style: 'primary' },
      { label: 'Deny', action: DENY_ACTION, value: request.token, style: 'danger' },
    ]),
  ];
}

/** Nobody answered in time: the next request should not wait for the same silence. */
function whomToAsk(organisation: Organisation): string {
  const now = new Date();
  const people = [...onCallNow(organisation, now), ...backupNow(organisation, now), ...organisation.techLead];
  const names = [...new Set(people)].map(actor).join(', ');
  return `Ask again for a new plan. Whom to call: ${names === '' ? 'nobody is named in org.yaml' : names} · ${reach(organisation)}`;
}

function decidedBlocks(
  step: ActionStepRow,
  request: RequestRow,
  execution: ExecutionRow | null,
  story: RunParts,
): KnownBlock[] {
  const decisions = request.decisions.map(
    (d) =>
      `${d.verdict === 'approve' ? '✓ Approved' : '⊘ Denied'} by ${actor(d.person)} (${escapeMrkdwn(d.authority)}) ${moment(d.at)}${d.reason === null ? '' : `: ${escapeMrkdwn(oneLine(d.reason, 500))}`}`,
  );
  const lines = [...boxLines(request), ...decisions];
  if (request.state === 'expired')
    lines.push(
      `⧗ Expired${request.endedAt === null ? '' : ` ${moment(request.endedAt)}`}: ${escapeMrkdwn(request.reason ?? '')}`,
    );
  if (request.state === 'cancelled' && request.reason !== null)
    lines.push(`⊘ Cancelled: ${escapeMrkdwn(request.reason)}`);
  if (request.state === 'superseded') {
    lines.push(`↻ What differs: ${escapeMrkdwn(oneLine(request.reason ?? '', 1000))}`);
    if (step.replacedBy !== null) lines.push(`The new plan is ${stepId(step.replacedBy)}.`);
  }
  if (execution?.undoSummary) lines.push(`*Undo made and checked*: ${escapeMrkdwn(execution.undoSummary)}`);
  lines.push(...outcomeLines(execution));
  if (isAlone(story, step)) lines.push(...outputLines(step));
  const blocks: KnownBlock[] = sections(lines);
  if (execution?.endedAt) blocks.push(context(`audit: ${story.head.seq} entries, head ${story.head.hash}`));
  return blocks;
}

/** No other message says what the step printed: of a run with one step in an incident's thread there is no overview. */
function isAlone(story: RunParts, step: ActionStepRow): boolean {
  const run = story.runs.find(({ id }) => id === step.runId);
  const steps = story.steps.filter(({ runId, replacedBy }) => runId === step.runId && replacedBy === null);
  return run?.incidentId != null && steps.length === 1;
}

function outcomeLines(execution: ExecutionRow | null): readonly string[] {
  const outcome = execution?.outcome ?? null;
  if (outcome === null) return [];
  const mark: Readonly<Record<ItemOutcome['outcome'], string>> = { done: '✓', kept: '↩', failed: '✗' };
  // What was done to it is the kind's own word: removed, restarted.
  const says = ({ outcome: word, note }: ItemOutcome): string =>
    word === 'done' ? note || word : `${word}${note === '' ? '' : ` · ${note}`}`;
  const items = itemsOf(outcome).map(
    (item) =>
      `${mark[item.outcome]} ${escapeMrkdwn(oneLine(item.name, 200))}: ${escapeMrkdwn(oneLine(says(item), 200))}`,
  );
  const said = whyEnded(outcome);
  const why = said === null ? [] : [`*Outcome*: ${escapeMrkdwn(oneLine(said, 1000))}`];
  const next =
    outcome.kind === 'interrupted'
      ? [
          'A person must look now: the checks below say how the target is. It is not tried again by itself; ask once more for a new plan.',
        ]
      : [];
  return [...why, ...items, ...next];
}
