/** What came of a step of a run, by its type; of a probe it is the probe's own result. */
import type { ItemOutcome } from './action.ts';
import type { ConditionVerdict } from './judge-condition.ts';
import type { ProbeResult } from './probe.ts';
import type { Condition } from './runbook.ts';

export interface ConditionStep extends Condition {
  readonly key: 'condition';
}

export interface ConditionResult extends ConditionVerdict {
  readonly finding: ProbeResult;
}

export interface TaskResult {
  readonly doneBy: string;
  /** ISO 8601. */
  readonly at: string;
}

/** How an execution ended. */
export type Ending =
  | {
      readonly kind: 'succeeded' | 'failed';
      readonly why: string;
      readonly items: readonly ItemOutcome[];
      /** Everything that was printed or read; kept beside the outcome. */
      readonly output?: string;
    }
  | { readonly kind: 'superseded'; readonly differs: readonly string[] }
  | { readonly kind: 'interrupted'; readonly why: string };

/** As the journal keeps it: of what was printed only the end. */
export type KeptEnding =
  | {
      readonly kind: 'succeeded' | 'failed';
      readonly why: string;
      readonly items: readonly ItemOutcome[];
      readonly outputEnd?: string;
    }
  | Exclude<Ending, { readonly kind: 'succeeded' | 'failed' }>;

/** In one sentence; null: its place was taken by another step, which says why. */
export const whyEnded = (ending: KeptEnding | null): string | null =>
  ending === null || ending.kind === 'superseded' ? null : ending.why;

export const itemsOf = (ending: KeptEnding | null): readonly ItemOutcome[] =>
  ending !== null && 'items' in ending ? ending.items : [];
