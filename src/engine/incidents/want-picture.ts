/** The picture in an incident's thread: which metric it shows. */
import { type MetricPicture, pictureOfAlert } from '../../domain/picture.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { type PictureKey, wantPicture } from '../../journal/pictures.ts';
import type { Engine } from '../core/engine.ts';
import type { Draft } from '../core/perform.ts';
import { prometheusOf } from '../core/prometheus-of.ts';

/** Shown at the end of the message that people read first, so that nothing they are about to click moves. */
const pictureKey = (incidentId: number): PictureKey => ({
  surface: 'incident',
  subject: incidentId,
  slot: 'diagnosis',
});

/** Drawn, or drawn again: after an hour the metric looks different. Nothing where there is no metric or no Prometheus. */
export async function wantIncidentPicture(
  engine: Engine,
  draft: Draft,
  incident: {
    readonly id: number;
    readonly system: string | null;
    readonly alertname: string;
    readonly generatorUrl: string;
  },
  runbook: Runbook | null,
): Promise<void> {
  if (prometheusOf(engine, incident.system).length === 0) return;
  const metric: MetricPicture | null =
    runbook?.picture ?? pictureOfAlert(incident.generatorUrl, incident.alertname);
  if (metric === null) return;
  const wish = engine.redact({ kind: 'metric' as const, system: incident.system, ...metric });
  await draft.write(wantPicture(pictureKey(incident.id), wish));
}
