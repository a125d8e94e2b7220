/** What alerts say of the incident that they open. */
import { alertRulesOf, severityOf } from '../../domain/alert-rules.ts';
import { bindRunbook } from '../../domain/bind-runbook.ts';
import { chooseRunbook, type RunbookChoice } from '../../domain/choose-runbook.ts';
import type { AlertPart } from '../../domain/divide-group.ts';
import { fallbackRunbook } from '../../domain/fallback-runbook.ts';
import { guessedRunbook } from '../../domain/guessed-runbook.ts';
import type { AlertRules, Catalog, Runbook } from '../../domain/runbook.ts';
import type { IncidentDraft } from '../../journal/open-incidents.ts';
import { channelOf } from '../core/channels.ts';
import { hashOfRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';

export interface DraftedIncident extends IncidentDraft {
  /** To be kept in the journal before. Where none matches: what can be read of the system, if it is known. */
  readonly runbook: Runbook | null;
}

/** `arrivedWith` names the body. */
export function draftIncident(
  engine: Pick<Engine, 'catalog' | 'redact' | 'settings'>,
  part: AlertPart,
  arrivedWith: string,
  alerts = part.alerts,
): DraftedIncident {
  const { catalog } = engine;
  const rules = alertRulesOf(catalog);
  const { labels } = part;
  const annotations = { ...part.commonAnnotations, ...part.worst.annotations };
  const choice = chosen(catalog, part);
  const { system, service } = part.target;
  const runbook = choice?.runbook ?? fallbackRunbook(catalog, system, service);
  const alertname = labels.alertname || 'unnamed alert';
  return {
    runbook,
    system: system ?? choice?.runbook.system ?? null,
    service,
    guessed: choice?.guessed ?? false,
    alertname,
    severity: labels.severity || 'unknown',
    critical: isCritical(rules, labels),
    channel: channelOf(engine, system, part.channel),
    groupKey: part.groupKey,
    part: part.part,
    summary: engine.redact(annotations.summary || annotations.message || annotations.description || ''),
    externalUrl: part.externalUrl,
    runbookId: choice?.runbook.id ?? null,
    runbookHash: runbook === null ? null : hashOfRunbook(runbook),
    otherRunbooks: choice?.others.map((runbook) => runbook.id) ?? [],
    truncated: part.truncated,
    repairs: engine.redact(part.repairs ?? []),
    arrivedWith,
    alerts: engine.redact(alerts),
    event: engine.redact(`${alertname} fires (${labels.severity || 'no severity'})`),
  };
}

const isCritical = (rules: AlertRules, labels: AlertPart['labels']): boolean =>
  severityOf(rules, labels.severity) === 'critical';

/** By the annotation that names a runbook, else by what triggers match. */
function chosen(catalog: Catalog, part: AlertPart): (RunbookChoice & { readonly guessed: boolean }) | null {
  const choice = chooseRunbook(catalog, part.labels);
  const named = namedRunbook(catalog, part);
  if (named !== null) {
    const matching = choice === null ? [] : [choice.runbook, ...choice.others];
    return { runbook: named, others: matching.filter(({ id }) => id !== named.id), guessed: false };
  }
  if (choice === null) return null;
  if (part.target.system !== null) return { ...choice, guessed: false };
  return { runbook: guessedRunbook(choice.runbook), others: [], guessed: true };
}

/** Of the alert's own system, if it names one: a system that extends another has the same runbooks under its name. */
function namedRunbook(catalog: Catalog, { worst, target }: AlertPart): Runbook | null {
  const id = worst.annotations.runbook?.trim() ?? '';
  const [folder = '', ...name] = id.split('/');
  const system = catalog.systems.find((one) => one.name === (target.system ?? folder));
  const runbook = system?.runbooks.find((one) => one.id === [system.name, ...name].join('/'));
  return system === undefined || runbook === undefined ? null : bindRunbook(runbook, system, target.service);
}
