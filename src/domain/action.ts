/** The contract every action kind keeps: plan (reads only), undo, execute on exactly what was approved. */
import type { ZodType } from 'zod';
import type { Role } from './organisation.ts';
import type { Facts, ProbeKind } from './probe.ts';
import type { Declared, Environment, Target } from './target.ts';

export const DANGERS = ['safe', 'disruptive', 'destructive'] as const;
export type Danger = (typeof DANGERS)[number];

/** The greater of two dangers. */
export const highest = (a: Danger, b: Danger): Danger => (DANGERS.indexOf(b) > DANGERS.indexOf(a) ? b : a);

/** One thing that will go. `id` never names another thing later (a volume: `name@creation time`). */
export interface ScopeItem {
  readonly id: string;
  readonly name: string;
  /** For people: size, age. Not part of what is compared. */
  readonly note: string;
}

/**
 * Exactly what will be changed. At execution it may only have shrunk (a key space: grown to `mayGrowTo`); a `call` is
 * the argument array or the request itself, and must be the very same.
 */
export type Scope =
  | { readonly kind: 'items'; readonly items: readonly ScopeItem[] }
  | { readonly kind: 'call'; readonly does: string }
  | {
      readonly kind: 'keyspace';
      readonly name: string;
      readonly keys: number;
      readonly mayGrowTo: number;
      /** What is counted, when it isn't keys. */
      readonly of?: 'messages';
    };

export type UndoPlan =
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'made'; readonly how: string; readonly estimatedBytes: number };

/** What an action found when it looked at its live target. */
export interface PlanDraft {
  /** What the target is: Redis `run_id`, container id … Any difference at execution refuses. */
  readonly identity: Facts;
  /** The environment marker found on the target, or null when it is unmarked. */
  readonly marker: string | null;
  readonly scope: Scope;
  /** For people, line by line: sizes, kinds, samples with values hidden. Without secrets. */
  readonly preview: readonly string[];
  readonly undo: UndoPlan;
}

/** A plan that can't be made, or an action that must not run, with the reason for a person. */
export interface Refused {
  readonly refused: string;
}
export function isRefused(value: object): value is Refused {
  return 'refused' in value;
}

/** The exact plan that a person approves; its digest covers everything here but `preview`. */
export interface Plan extends PlanDraft {
  readonly action: string;
  readonly contractVersion: number;
  readonly system: string;
  readonly service: string;
  readonly environment: Environment;
  readonly danger: Danger;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What else lives there, as far as the catalog knows. */
  readonly sharedWith: readonly string[];
  /** How many people must approve. */
  readonly quorum: number;
  /** Roles that may approve beside the tech lead: for people; judged by the catalog of the moment. */
  readonly approvers?: readonly Role[];
}

/** One database of one PostgreSQL cluster, whatever name or address leads to it. */
export interface DatabaseIdentity {
  readonly systemIdentifier: string;
  readonly oid: string;
}

/** What must never be harmed: the bot's own queue, database, container and volumes (docs/design.md, invariant 10). */
export interface SelfIdentity {
  /** `run_id` of the Redis the bot queues on, or null when it queues on PostgreSQL. Rejects when it can't be asked now. */
  readonly queueRedisRunId: () => Promise<string | null>;
  /** `run_id`s of that Redis's replicas, any of which may hold the queue next. Rejects when it can't be asked now. */
  readonly queueReplicaRunIds: () => Promise<readonly string[]>;
  /** Which database the journal is; null where there is none. Rejects when it can't be asked now. */
  readonly journalDatabase: () => Promise<DatabaseIdentity | null>;
  /** Full id of the container the bot runs in, or null. */
  readonly containerId: string | null;
  /** Names of volumes that hold the bot's own data. */
  readonly volumes: readonly string[];
}

export interface ActionContext {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly self: SelfIdentity;
  /** One line for the people who wait: `37 of 120 tables`. Kept and shown at most once a second; never a secret. */
  readonly progress: (line: string) => void;
}

/** Where an undo is kept: encrypted in the journal, bounded, read back and checked before the act. */
export interface UndoWriter {
  /** Appends one part (at most 1 MiB). Rejects when the undo would pass its bound. */
  write(part: Uint8Array): Promise<void>;
}
export interface UndoMade {
  /** For people: `412 keys, 1.3 MiB`. */
  readonly summary: string;
  readonly entries: number;
}

export interface ItemOutcome {
  readonly name: string;
  readonly outcome: 'done' | 'kept' | 'failed';
  readonly note: string;
}
/** Characters of output that are kept; the action cuts from the front and says so in its first line. */
export const OUTPUT_MAX = 1_000_000;

export type ActionOutcome =
  | {
      readonly state: 'succeeded' | 'failed';
      readonly summary: string;
      readonly items: readonly ItemOutcome[];
      /** What it printed or read, as text: at most `OUTPUT_MAX` characters, shown cut and kept whole as a file. */
      readonly output?: string;
    }
  /** The target is no longer the approved one: nothing was done. */
  | { readonly state: 'superseded'; readonly summary: string };

/** One thing that is wrong with a step's settings, for lint and for whoever asks for a plan. */
export interface SettingsProblem {
  /** From the step's own map: `['with', 'date']`. */
  readonly path: readonly string[];
  /** What was found and what was expected. */
  readonly message: string;
}

export interface ActionKind<S = unknown> {
  /** The name used in YAML: `redis.flushdb`. */
  readonly name: string;
  /** Raised whenever what a plan means changes: old approvals then no longer match. */
  readonly contractVersion: number;
  readonly danger: Danger;
  /** What the target must have, when it isn't what the probes of the same family need. */
  readonly needs?: ProbeKind['needs'];
  readonly settings: ZodType<S>;
  /**
   * For the general kinds: the danger that the system's own file declares for this program or call, where it is
   * declared once and reviewed. Null: not declared there, which lint reports.
   */
  dangerOf?(target: Target, settings: S): Danger | null;
  /** For the general kinds: settings held against what the system's own file declares. Empty: nothing is wrong. */
  checkDeclared?(declared: Declared, settings: S): readonly SettingsProblem[];
  /**
   * A destructive kind says it: how many people must approve a plan that has no undo, by environment. An environment
   * that it doesn't name needs one.
   */
  readonly approvalsWithoutUndo?: Readonly<Partial<Record<Environment, 1 | 2>>>;
  /** Only reads. Refuses with a reason for a person; throws only when the target can't be reached. */
  plan(target: Target, settings: S, context: ActionContext): Promise<PlanDraft | Refused>;
  /** Makes the undo that the plan promised and checks it against the target. */
  makeUndo?(
    target: Target,
    settings: S,
    plan: PlanDraft,
    undo: UndoWriter,
    context: ActionContext,
  ): Promise<UndoMade | Refused>;
  /** Puts the undo back. */
  restore?(
    target: Target,
    settings: S,
    undo: AsyncIterable<Uint8Array>,
    context: ActionContext,
  ): Promise<ActionOutcome>;
  /**
   * Does what `plan` says and nothing else. Reads the identity again on the very connection it acts on.
   * Calls `act` immediately before the first irreversible call and stops if that rejects.
   */
  execute(
    target: Target,
    settings: S,
    plan: PlanDraft,
    act: () => Promise<void>,
    context: ActionContext,
  ): Promise<ActionOutcome>;
  /** After `execute` succeeded, read from the target: is it as it should be now? */
  verify?(
    target: Target,
    settings: S,
    plan: PlanDraft,
    context: ActionContext,
  ): Promise<{ readonly good: boolean; readonly says: string }>;
}
