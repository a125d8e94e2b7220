/** Buttons and modals. Each click is acknowledged at once; what it means is looked up, never read from the click. */
import type { App, BlockAction } from '@slack/bolt';
import { decideRequest } from '../../engine/changes/decide-request.ts';
import { askHealth } from '../../engine/checks/ask-health.ts';
import { whyNoMember } from '../../engine/core/authority.ts';
import { changeIncident, type IncidentChange } from '../../engine/incidents/change-incident.ts';
import { openThread } from '../../engine/incidents/open-thread.ts';
import { useRunbook } from '../../engine/incidents/use-runbook.ts';
import { finishTask } from '../../engine/runs/ask-task.ts';
import { findHealthAnswer } from '../../journal/health.ts';
import { findIncidentByToken } from '../../journal/incidents.ts';
import { MOST_A_MINUTE, tooMany } from '../budget.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import { notJournalled } from '../not-journalled.ts';
import type { SlackContext } from '../slack-context.ts';
import { takeOnce } from '../take-once.ts';
import { USE_RUNBOOK_ACTION } from '../views/briefing.ts';
import { HEALTH_RERUN } from '../views/health.ts';
import { INCIDENT_ACTIONS } from '../views/incident-root.ts';
import { TASK_ACTION } from '../views/run.ts';
import { APPROVE_ACTION, DENY_ACTION } from '../views/step.ts';
import { STORM_OPEN } from '../views/storm.ts';
import { asksForSteps, clickForSteps, registerParams } from './ask-with-params.ts';
import type { Click } from './click.ts';
import { DENY_VIEW, openDenyModal, takeDenial } from './deny-modal.ts';
import { takeTicks } from './ticks.ts';

const UNKNOWN = 'This is an unknown request: nothing here waits under that id.';
export function registerInteractions(app: App, context: SlackContext): void {
  app.action(/.*/u, async ({ ack, body, action }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    const value = action.type === 'checkboxes' ? '' : carried(action);
    if (value === null) return;
    const click = readClick(body, {
      id: 'action_id' in action ? action.action_id : '',
      at: 'action_ts' in action ? String(action.action_ts) : '',
      value,
    });
    try {
      const said =
        action.type === 'checkboxes'
          ? await takeOnce(context, click.key, () => takeTicks(context, body, action))
          : await onClick(context, click);
      if (said !== null) await context.answer(click.asker, said);
    } catch (error) {
      context.engine.log.error({ err: error, action: click.action }, 'a click could not be worked on');
      await context.answer(click.asker, notJournalled(context.engine, error));
    }
  });
  registerParams(app, context);
  app.view(DENY_VIEW, async ({ ack, body, view }) => {
    await ack();
    await takeDenial(context, body, view);
  });
}

/** What a button carries, or what was chosen from a list; null: neither. */
function carried(action: object): string | null {
  if (!('type' in action)) return null;
  const chosen = 'selected_option' in action ? action.selected_option : action;
  if (action.type !== 'button' && action.type !== 'static_select') return null;
  const hasValue = typeof chosen === 'object' && chosen !== null && 'value' in chosen;
  return hasValue && typeof chosen.value === 'string' ? chosen.value : '';
}

function readClick(
  body: BlockAction,
  action: { readonly id: string; readonly at: string; readonly value: string },
): Click {
  const message = body.message;
  const thread = message?.thread_ts ?? message?.ts ?? body.container?.message_ts;
  return {
    asker: {
      person: body.user.id,
      channel: body.channel?.id ?? '',
      threadTs: typeof thread === 'string' ? thread : null,
      responseUrl: body.response_url || null,
    },
    team: body.team?.id ?? body.user.team_id ?? null,
    action: action.id,
    value: action.value,
    triggerId: body.trigger_id ?? '',
    key: `${body.user.id}/${action.id}/${action.at}/${body.trigger_id ?? ''}`,
  };
}

/** What to tell the person; null: the messages say it. */
async function onClick(context: SlackContext, click: Click): Promise<string | null> {
  const place = await wrongWorkspace(context, click.team);
  if (place !== null) return place.sentence;
  const stranger = await whyNoMember(context.engine, click.asker.person);
  if (stranger !== null) return stranger.sentence;
  if (click.action === HEALTH_RERUN) return rerunHealth(context, click);
  const elsewhere = await wrongChannel(context, click.asker.channel);
  if (elsewhere !== null) return elsewhere.sentence;
  return takeOnce(context, click.key, () => onOwnClick(context, click));
}

/** By a member, on a message of ours, for the first time. */
async function onOwnClick(context: SlackContext, click: Click): Promise<string | null> {
  if (click.action === APPROVE_ACTION) return approve(context, click);
  if (click.action === DENY_ACTION) return openDenyModal(context, click);
  if (click.action === TASK_ACTION) {
    const answer = await finishTask(context.engine, { token: click.value }, click.asker.person);
    return answer.ok ? null : answer.text;
  }
  const incident = await findIncidentByToken(context.engine.journal.pool, click.value);
  if (incident === null) return UNKNOWN;
  if (click.action === STORM_OPEN) {
    const answer = await openThread(context.engine, incident.id, click.asker.person);
    return answer.text;
  }
  if (asksForSteps(click.action)) return clickForSteps(context, click, incident);
  if (click.action.startsWith(USE_RUNBOOK_ACTION)) {
    const runbookId = click.action.slice(USE_RUNBOOK_ACTION.length);
    const ask = { incidentId: incident.id, runbookId, person: click.asker.person };
    const answer = await useRunbook(context.engine, ask);
    return answer.ok ? null : answer.text;
  }
  const change = Object.entries(INCIDENT_ACTIONS).find(([, action]) => action === click.action)?.[0];
  if (change === undefined) return UNKNOWN;
  const answer = await changeIncident(
    context.engine,
    incident.id,
    change as IncidentChange,
    click.asker.person,
  );
  return answer.ok ? null : answer.text;
}

async function approve(context: SlackContext, click: Click): Promise<string | null> {
  const answer = await decideRequest(context.engine, {
    by: { token: click.value },
    person: click.asker.person,
    verdict: 'approve',
    reason: null,
  });
  return answer.ok ? null : answer.refusal.sentence;
}

async function rerunHealth(context: SlackContext, click: Click): Promise<string | null> {
  const taken = context.budget.take(click.asker.person, MOST_A_MINUTE.member);
  if (taken !== 'ok') return taken === 'tell' ? tooMany(MOST_A_MINUTE.member) : null;
  const before = await findHealthAnswer(context.engine.journal.pool, click.value);
  if (before === null) return UNKNOWN;
  const names = before.parts.map((part) => part.system);
  await askHealth(context.engine, {
    askedBy: click.asker.person,
    askedKey: click.key,
    channel: click.asker.channel,
    answerUrl: click.asker.responseUrl,
    threadTs: null,
    systems: context.engine.catalog.systems.filter((system) => names.includes(system.name)),
    service: before.scope === 'service' ? (before.parts[0]?.services[0] ?? null) : null,
  });
  return null;
}
