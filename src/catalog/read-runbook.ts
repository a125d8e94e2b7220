/** One runbook's file becomes a runbook whose every step is known to fit its service. */
import { sampleValues } from '../domain/params.ts';
import type { MetricPicture } from '../domain/picture.ts';
import type { Link, Runbook } from '../domain/runbook.ts';
import { check } from './check.ts';
import { checkRecovery } from './check-recovery.ts';
import { readConditions } from './read-condition.ts';
import { readLinks } from './read-links.ts';
import { readParamFields } from './read-params.ts';
import type { StepContext } from './read-step.ts';
import { readOptions, readProbeSteps, readSteps } from './read-steps.ts';
import { readTrigger } from './read-trigger.ts';
import { type PictureFields, runbookFile } from './schemas.ts';

/** `links`: the system's; a runbook that names none shows them all. Null: reported. */
export function readRunbook(id: string, context: StepContext, links: readonly Link[]): Runbook | null {
  const { file, system, services } = context;
  const fields = check(runbookFile, file.data, file, []);
  if (fields === null) return null;
  const conditions = readConditions(fields.condition, context);
  const params = readParamFields(fields.params, file);
  const withParams = { ...context, samples: sampleValues(params) };
  if (fields.steps.length > 0 && fields.recover.length > 0) {
    const message =
      'steps and recover are both there; expected steps for an operation, or recover for an incident';
    file.fault(['steps'], message, { at: 'key' });
  }
  if (params.length > 0 && fields.steps.length === 0) {
    file.fault(['params'], 'params without steps; expected steps, which use them', { at: 'key' });
  }
  const recover = readOptions(fields.recover, ['recover'], context);
  const steps = readSteps(fields.steps, ['steps'], withParams);
  checkRecovery(fields, { steps, recover }, withParams);
  return {
    id,
    version: fields.version,
    system,
    title: fields.title,
    triggers: fields.triggers.flatMap((text, i) => readTrigger(text, ['triggers', i], context)),
    symptoms: fields.symptoms,
    impact: fields.impact,
    ...conditions,
    ...(fields.picture === undefined ? {} : { picture: readPicture(fields.picture) }),
    diagnose: readProbeSteps(fields.diagnose, ['diagnose'], context),
    params,
    steps,
    recover,
    verify: readProbeSteps(fields.verify, ['verify'], context),
    notes: fields.notes,
    links:
      fields.links === undefined
        ? links
        : readLinks(fields.links, ['links'], { file, services, known: links }),
    escalate:
      fields.escalate === undefined ? null : { afterMs: fields.escalate.after, to: fields.escalate.to },
  };
}

function readPicture({ query, title, unit, threshold }: PictureFields): MetricPicture {
  return { query, title, unit: unit ?? null, threshold: threshold ?? null };
}
