/** Runs one probe within its time, whatever the kind does, and holds the answer against what is expected. */
import { addressRedact, withoutUserinfo } from './address-secrets.ts';
import { meets } from './expectation.ts';
import type { ProbeFinding, ProbeKind, ProbeResult } from './probe.ts';
import type { ProbeStep } from './runbook.ts';
import type { Target } from './target.ts';
import { oneLine } from './text.ts';

type Step = Pick<ProbeStep, 'settings' | 'expect' | 'timeoutMs' | 'title'>;

/**
 * Never throws and never takes longer than the step's timeout: then it is `down`, "timed out after N ms". The
 * kind's signal aborts at the timeout, when `signal` does, and once the answer is in, so nothing stays open.
 */
export async function runProbe(
  kind: ProbeKind,
  target: Target,
  step: Step,
  signal: AbortSignal,
  now: () => number = () => performance.now(),
): Promise<ProbeResult> {
  const missing = notConfigured(kind, target);
  if (missing !== null) return unasked(missing);
  const settings = kind.settings.safeParse(step.settings);
  if (!settings.success) {
    const [issue] = settings.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    return unasked(
      `the settings of ${kind.name} are wrong: ${place}${issue?.message ?? 'not as they should be'}`,
    );
  }
  const redact = addressRedact(target.url);
  const started = now();
  const found = await within(step.timeoutMs, signal, (inTime) =>
    kind.probe(target, settings.data, { signal: inTime, timeoutMs: step.timeoutMs }),
  );
  const finding = redact(asExpected(found, step, kind));
  const reason = finding.reason === null ? null : oneLine(withoutUserinfo(finding.reason));
  return { ...finding, reason, latencyMs: Math.round(now() - started) };
}

/** The finding; or, at the end of the time, that it is over. What comes after that is dropped. */
function within(
  timeoutMs: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<ProbeFinding>,
): Promise<ProbeFinding> {
  const ending = new AbortController();
  return new Promise((resolve) => {
    const end = (finding: ProbeFinding): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(finding);
      ending.abort();
    };
    const stop = (): void => end(nothing('unknown', 'stopped before it answered'));
    const timer = setTimeout(() => end(nothing('down', `timed out after ${timeoutMs} ms`)), timeoutMs);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    // In a promise, so that a kind that throws at once is caught as well.
    Promise.resolve()
      .then(() => ask(ending.signal))
      .then(end, (error: unknown) => end(nothing('unknown', `the probe failed: ${said(error)}`)));
  });
}

/** An answer held against what the step expects of it. */
export function asExpected(
  found: ProbeFinding,
  step: Pick<ProbeStep, 'settings' | 'expect' | 'title'>,
  kind: Pick<ProbeKind, 'facts'>,
): ProbeFinding {
  if (step.expect === null || found.state !== 'up') return found;
  const met = meets(step.expect, found.facts, kind.facts, (fact) => factName(fact, step));
  return met.ok ? found : { ...found, state: 'degraded', reason: met.why };
}

/** A fact called `value` is that of the key asked for, or of the step. */
function factName(fact: string, step: Pick<Step, 'settings' | 'title'>): string {
  if (fact !== 'value') return fact;
  const key = step.settings.key;
  return typeof key === 'string' ? key : (step.title ?? fact);
}

function notConfigured(kind: ProbeKind, target: Target): string | null {
  const { needs } = kind;
  if (needs === 'nothing') return null;
  if (needs === 'docker') return target.dockerHost === '' ? 'not configured: no Docker engine' : null;
  if (needs === 'container') return target.container === null ? 'not configured: no container' : null;
  if (target.url === null) return 'not configured';
  const scheme = /^([a-z][a-z0-9+.-]*):/iu.exec(target.url)?.[1]?.toLowerCase() ?? '';
  if (needs.schemes.includes(scheme)) return null;
  const wanted = needs.schemes.map((name) => `${name}://`).join(' or ');
  return `not configured: ${kind.name} needs an address with ${wanted}, it has ${scheme === '' ? 'none' : `${scheme}://`}`;
}

const unasked = (reason: string): ProbeResult => ({
  ...nothing('unknown', oneLine(reason)),
  latencyMs: null,
});

function nothing(state: 'down' | 'unknown', reason: string): ProbeFinding {
  return { state, reason, facts: {} };
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
