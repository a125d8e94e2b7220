/** What a silence would hide, as far as Alertmanager knows now. Only reads. */
import { listSilences, readAlertmanager, readFiringAlerts } from '../../clients/alertmanager.ts';
import type { ActionContext, PlanDraft, Refused } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import { matches } from '../../domain/matchers.ts';
import type { Facts } from '../../domain/probe.ts';
import { shownAddress, type Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayCount } from '../say-size.ts';
import type { SilenceSettings } from './settings.ts';
import { isSame, sayMatchers, type Wanted, wantedSilence } from './wanted.ts';

const NAMES_SHOWN = 8;

/** Throws when Alertmanager can't be reached. */
export async function planSilence(
  target: Target,
  settings: SilenceSettings,
  context: ActionContext,
): Promise<PlanDraft | Refused> {
  context.signal.throwIfAborted();
  const base = target.declared.alertmanagerUrl;
  const refused = whyNot(target);
  if (refused !== null || base === null) return { refused: refused ?? '' };
  const wanted = wantedSilence(settings);
  const [{ identity, version }, alerts, silences] = await Promise.all([
    identify(base, context),
    readFiringAlerts(base, context),
    listSilences(base, context),
  ]);
  const hidden = alerts.filter((labels) => wanted.matchers.every((matcher) => matches(matcher, labels)));
  const equal = silences.filter((silence) => silence.state === 'active' && isSame(silence, wanted));
  return {
    identity,
    marker: null,
    scope: silenceScope(wanted),
    preview: [
      `Alertmanager ${oneLine(version, 20)} at ${shownAddress(base)}`,
      'alerts that match are sent to nobody, new ones included, until it ends',
      `now that is ${sayCount(hidden.length, 'alert')}${namesOf(hidden)}`,
      ...(equal.length > 0 ? ['there is such a silence already; this one is made beside it'] : []),
    ],
    undo: {
      kind: 'made',
      how: 'the silence is ended, and alerts that still fire are sent again',
      estimatedBytes: 1000,
    },
  };
}

export function silenceScope({ matchers, durationMs, comment }: Wanted): PlanDraft['scope'] {
  const does = `silence ${sayMatchers(matchers)} for ${sayDuration(durationMs)}: ${JSON.stringify(comment)}`;
  return { kind: 'call', does };
}

/** Why no silence may be set for this system, or null. */
export function whyNot(target: Target): string | null {
  if (target.declared.alertmanagerUrl === null) return 'no Alertmanager is configured: set ALERTMANAGER_URL';
  if (!/^https?:\/\//iu.test(target.declared.alertmanagerUrl))
    return 'the address of Alertmanager is not an http:// one';
  return target.sandboxOnly
    ? "local mode only changes the sandbox, and this Alertmanager can't be told to be part of it"
    : null;
}

export async function identify(
  base: string,
  bounds: ActionContext,
): Promise<{ readonly identity: Facts; readonly version: string }> {
  const { cluster, version } = await readAlertmanager(base, bounds);
  return { identity: { alertmanager: shownAddress(base), cluster }, version };
}

function namesOf(alerts: readonly Readonly<Record<string, string>>[]): string {
  const names = [...new Set(alerts.map((labels) => oneLine(labels.alertname ?? '?', 60)))];
  if (names.length === 0) return '';
  const more = names.length - NAMES_SHOWN;
  return `: ${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} other names` : ''}`;
}
