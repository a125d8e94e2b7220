/** A click on a recovery option or an operation: asked for at once, or after a dialog where it takes parameters. */
import type { App } from '@slack/bolt';
import type { Param } from '../../domain/params.ts';
import { whyNoMember } from '../../engine/core/authority.ts';
import { pinnedRunbook } from '../../engine/core/definitions.ts';
import { askOption } from '../../engine/incidents/ask-option.ts';
import { askRun } from '../../engine/incidents/ask-run.ts';
import { findIncidentByToken, type IncidentRow } from '../../journal/incidents.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import { notJournalled } from '../not-journalled.ts';
import type { SlackContext } from '../slack-context.ts';
import { OPERATION_ACTION, OPTION_ACTION } from '../views/incident-thread.ts';
import type { Click } from './click.ts';
import { filledIn, openParamsModal, PARAMS_VIEW, type ParamsMetadata, wrongInputs } from './params-modal.ts';

const UNKNOWN = 'This is an unknown request: nothing here waits under that id.';

interface Wanted {
  readonly title: string;
  readonly params: readonly Param[];
  readonly ask: (
    params: Readonly<Record<string, string>>,
    by: { readonly person: string; readonly key: string },
  ) => Promise<{ readonly ok: boolean; readonly text: string }>;
}

export const asksForSteps = (action: string): boolean =>
  action.startsWith(OPTION_ACTION) || action.startsWith(OPERATION_ACTION);

/** What a button in an incident's thread stands for; null: nothing that is there now. */
async function findWanted(
  { engine }: SlackContext,
  incident: IncidentRow,
  action: string,
): Promise<Wanted | null> {
  if (action.startsWith(OPERATION_ACTION)) {
    const runbookId = action.slice(OPERATION_ACTION.length);
    const runbook = engine.catalog.systems
      .flatMap(({ runbooks }) => runbooks)
      .find(({ id }) => id === runbookId);
    if (runbook === undefined) return null;
    const ask: Wanted['ask'] = (params, { person, key }) =>
      askRun(engine, { runbookId, params, person, askedKey: key, incidentId: incident.id });
    return { title: runbook.title, params: runbook.params, ask };
  }
  const optionKey = action.slice(OPTION_ACTION.length);
  const runbook =
    incident.runbookHash === null ? null : await pinnedRunbook(engine.journal.pool, incident.runbookHash);
  const option = runbook?.recover.find(({ key }) => key === optionKey);
  const ask: Wanted['ask'] = (params, { person, key }) =>
    askOption(engine, { incidentId: incident.id, optionKey, params, person, askedKey: key });
  return { title: option?.title ?? optionKey, params: option?.params ?? [], ask };
}

/** What to tell the person; null: the messages say it. */
export async function clickForSteps(
  context: SlackContext,
  click: Click,
  incident: IncidentRow,
): Promise<string | null> {
  const wanted = await findWanted(context, incident, click.action);
  if (wanted === null) return UNKNOWN;
  if (wanted.params.length > 0) return openParamsModal(context, click, wanted);
  const answer = await wanted.ask({}, { person: click.asker.person, key: click.key });
  return answer.ok ? null : answer.text;
}

/** The dialog stays, with what is wrong beside each input, until its values are right. */
export function registerParams(app: App, context: SlackContext): void {
  app.view(PARAMS_VIEW, async ({ ack, body, view }) => {
    const metadata = JSON.parse(view.private_metadata) as ParamsMetadata;
    const asker = {
      person: body.user.id,
      channel: metadata.channel,
      threadTs: metadata.threadTs,
      responseUrl: null,
    };
    const given = filledIn(view);
    const wrong = wrongInputs(metadata.params, given);
    if (wrong !== null) return ack({ response_action: 'errors', errors: wrong });
    await ack();
    try {
      const place =
        (await wrongWorkspace(context, body.team?.id ?? null)) ??
        (await wrongChannel(context, metadata.channel));
      const incident = await findIncidentByToken(context.engine.journal.pool, metadata.token);
      const wanted = incident === null ? null : await findWanted(context, incident, metadata.action);
      const stranger = await whyNoMember(context.engine, body.user.id);
      const refused = place ?? stranger;
      if (refused !== null) return await context.answer(asker, refused.sentence);
      if (wanted === null) return await context.answer(asker, UNKNOWN);
      const answer = await wanted.ask(given, { person: body.user.id, key: metadata.key });
      if (!answer.ok) await context.answer(asker, answer.text);
    } catch (error) {
      context.engine.log.error({ err: error }, 'a dialog’s answer could not be worked on');
      await context.answer(asker, notJournalled(context.engine, error));
    }
  });
}
