/** What an alert group says of the incident it opens: labels of the group where they are common, else of its first alert. */

import { chooseRunbook } from '../../domain/choose-runbook.ts';
import { fallbackRunbook } from '../../domain/fallback-runbook.ts';
import type { AlertGroup, AlertIn } from '../../domain/receive.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { isCritical } from '../../domain/storm.ts';
import type { IncidentDraft } from '../../journal/open-incidents.ts';
import { hashOfRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';

export interface DraftedIncident extends IncidentDraft {
  /** To be kept in the journal before. Where none matches: what can be read of the system, if it is known. */
  readonly runbook: Runbook | null;
}

export function draftIncident(
  engine: Pick<Engine, 'catalog' | 'redact'>,
  group: AlertGroup,
  alerts: readonly AlertIn[],
): DraftedIncident {
  const labels = { ...alerts[0]?.labels, ...group.commonLabels };
  const annotations = { ...alerts[0]?.annotations, ...group.commonAnnotations };
  const choice = chooseRunbook(engine.catalog, labels);
  const runbook =
    choice?.runbook ?? fallbackRunbook(engine.catalog, labels.system ?? null, labels.service ?? null);
  const alertname = labels.alertname ?? 'unnamed alert';
  return {
    runbook,
    system: labels.system ?? choice?.runbook.system ?? null,
    service: labels.service ?? null,
    alertname,
    severity: labels.severity ?? 'unknown',
    critical: isCritical([labels, ...alerts.map((alert) => alert.labels)]),
    groupKey: group.groupKey,
    summary: engine.redact(annotations.summary ?? annotations.description ?? ''),
    externalUrl: group.externalUrl,
    runbookId: choice?.runbook.id ?? null,
    runbookHash: runbook === null ? null : hashOfRunbook(runbook),
    otherRunbooks: choice?.others.map((runbook) => runbook.id) ?? [],
    truncated: group.truncated,
    alerts: engine.redact(alerts),
    event: engine.redact(`${alertname} fires (${labels.severity ?? 'no severity'})`),
  };
}
