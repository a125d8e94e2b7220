/** One question to one kind of probe, as the engine asks it. */
import { factProblems } from '../../src/domain/fact.ts';
import type { ProbeResult } from '../../src/domain/probe.ts';
import { runProbe } from '../../src/domain/run-probe.ts';
import type { ProbeStep } from '../../src/domain/runbook.ts';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { probeKinds } from '../../src/probes/index.ts';

export const TARGET: Target = {
  system: 'test',
  service: 'target',
  environment: 'test',
  url: null,
  container: null,
  dockerHost: '',
  sandboxOnly: false,
  catalogVolumes: [],
  composeProjects: [],
  declared: NOTHING_DECLARED,
};

interface Asked extends Partial<Pick<ProbeStep, 'settings' | 'expect' | 'timeoutMs'>> {
  readonly target?: Partial<Target>;
  readonly signal?: AbortSignal;
}

/** Whoever answers: what was learnt is what the kind declares, or the test fails. */
export async function ask(name: string, url: string | null, asked: Asked = {}): Promise<ProbeResult> {
  const kind = probeKinds.get(name);
  if (kind === undefined) throw new Error(`there is no probe ${name}`);
  const { settings = {}, expect = null, timeoutMs = 10_000, signal = new AbortController().signal } = asked;
  const step = { settings, expect, timeoutMs, title: null };
  const result = await runProbe(kind, { ...TARGET, url, ...asked.target }, step, signal);
  const problems = factProblems(kind.facts, result.facts).map(({ fact, why }) => `${name}: ${fact} ${why}`);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return result;
}
