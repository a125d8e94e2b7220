/** Makes the silence of an approved plan, once, and looks whether it is there. */
import { createSilence, listSilences } from '../../clients/alertmanager.ts';
import { neverSent } from '../../clients/never-sent.ts';
import { TargetError } from '../../clients/target-error.ts';
import type { ActionContext, ActionOutcome, PlanDraft } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { failedOn, nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { identify, silenceScope, whyNot } from './plan.ts';
import type { SilenceSettings } from './settings.ts';
import { CREATED_BY, isSame, sayMatchers, wantedSilence } from './wanted.ts';

const superseded = nothingWas('silenced');

/** Throws OutcomeUnknown when it was asked for and no answer came; whatever else is thrown, none was made. */
export async function executeSilence(
  target: Target,
  settings: SilenceSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  context.signal.throwIfAborted();
  const base = target.declared.alertmanagerUrl;
  const refused = whyNot(target);
  if (refused !== null || base === null) return superseded(refused ?? '');
  const wanted = wantedSilence(settings);
  const { identity } = await identify(base, context);
  const differs = planDiffers(plan, { identity, marker: null, scope: silenceScope(wanted) });
  if (differs.length > 0) return superseded(differs.join('; '));
  await act();
  const name = sayMatchers(wanted.matchers);
  if (context.signal.aborted) return failedOn(name, 'nothing was silenced: it was stopped before');
  const startsAt = new Date();
  const endsAt = new Date(startsAt.getTime() + wanted.durationMs);
  try {
    const { matchers, comment } = wanted;
    const id = await createSilence(
      base,
      { matchers, startsAt, endsAt, createdBy: CREATED_BY, comment },
      context,
    );
    const note = `silence ${id}, until ${endsAt.toISOString()}`;
    return {
      state: 'succeeded',
      summary: `silenced for ${sayDuration(wanted.durationMs)}: ${note}`,
      items: [{ name, outcome: 'done', note }],
    };
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error), 160);
    const refusedIt = error instanceof TargetError && why.startsWith('Alertmanager refused');
    if (neverSent(error) || refusedIt) return failedOn(name, `nothing was silenced: ${why}`);
    throw new OutcomeUnknown(`the silence was asked for and no good answer came (${why}): it may be there`, {
      cause: error,
    });
  }
}

export async function verifySilence(
  target: Target,
  settings: SilenceSettings,
  _plan: PlanDraft,
  context: ActionContext,
): Promise<{ readonly good: boolean; readonly says: string }> {
  const base = target.declared.alertmanagerUrl;
  if (base === null) return { good: false, says: 'no Alertmanager is configured' };
  const wanted = wantedSilence(settings);
  const found = (await listSilences(base, context)).filter((silence) => isSame(silence, wanted));
  const active = found.some((silence) => silence.state === 'active');
  return {
    good: active,
    says: active ? 'Alertmanager lists it as active' : 'Alertmanager does not list it as active',
  };
}
