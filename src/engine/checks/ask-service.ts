/** Runs one probe against a service of the catalog. */
import type { ProbeResult } from '../../domain/probe.ts';
import { runProbe } from '../../domain/run-probe.ts';
import type { ProbeStep } from '../../domain/runbook.ts';
import type { Engine } from '../core/engine.ts';
import { resolveProbeIn } from '../core/resolve.ts';

const unknown = (reason: string): ProbeResult => ({ state: 'unknown', reason, facts: {}, latencyMs: null });

/** Never throws: what can't be asked is `unknown`, with the reason. The answer is redacted. */
export async function askService(
  engine: Pick<Engine, 'catalog' | 'probeKinds' | 'redact' | 'signal'>,
  system: string,
  step: ProbeStep,
): Promise<ProbeResult> {
  const { entry, kind, problems, step: asked } = resolveProbeIn(engine, system, step);
  if (entry === null) return unknown(`the catalog has no service ${system}/${step.service}`);
  if (entry.notConfigured !== null) return unknown(`not configured: ${entry.notConfigured}`);
  if (kind === null) return unknown(problems[0]?.message ?? `there is no probe ${step.probe}`);
  return engine.redact(await runProbe(kind, entry.target, asked, engine.signal));
}
