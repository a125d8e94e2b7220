/** The contract every probe kind keeps. A probe only reads, and ends when its signal aborts. */
import type { ZodType } from 'zod';
import type { FactDeclarations, Facts, FactValue } from './fact.ts';
import type { Target } from './target.ts';

export type { Facts, FactValue };

export const PROBE_STATES = ['up', 'degraded', 'down', 'unknown'] as const;
export type ProbeState = (typeof PROBE_STATES)[number];

export interface ProbeFinding {
  readonly state: ProbeState;
  /** One line for a person, without secrets; null when there is nothing to say (state `up`). */
  readonly reason: string | null;
  readonly facts: Facts;
  /** Longer output worth showing (a table, log lines), already bounded by the probe. */
  readonly output?: string;
}

export interface ProbeResult extends ProbeFinding {
  /** Milliseconds from start to answer; null when nothing was asked. */
  readonly latencyMs: number | null;
}

export interface ProbeContext {
  /** Aborts at the probe's timeout or at shutdown: sockets must be closed by then. */
  readonly signal: AbortSignal;
  /** Milliseconds the probe has; never more than the signal allows. */
  readonly timeoutMs: number;
}

/**
 * One kind of check. An unreachable or sick target is a finding (`down`, `degraded`), never an exception;
 * an exception means that the probe itself failed and is shown as `unknown`.
 */
export interface ProbeKind<S = unknown> {
  /** The name used in YAML: `redis.info`. */
  readonly name: string;
  /** Settings beside `probe:` in YAML, strict. */
  readonly settings: ZodType<S>;
  /** What the target must have: a URL with one of these schemes, or a container. */
  readonly needs: { readonly schemes: readonly string[] } | 'container' | 'docker' | 'nothing';
  /** What it learns: all that `expect:` may name, and all that an answer can have. */
  readonly facts: FactDeclarations;
  probe(target: Target, settings: S, context: ProbeContext): Promise<ProbeFinding>;
}
