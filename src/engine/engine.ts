/** What every use case is given. Made once, in main.ts. */
import type { Logger } from 'pino';
import type { ActionKind, SelfIdentity } from '../domain/action.ts';
import type { PersonView } from '../domain/decide.ts';
import type { ProbeKind } from '../domain/probe.ts';
import type { Redact } from '../domain/redact.ts';
import type { Catalog } from '../domain/runbook.ts';
import type { AuditKey } from '../journal/audit-chain.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Wake } from '../journal/runs.ts';

/** What Slack says of people. Answers may be up to a minute old. */
export interface Directory {
  person(id: string): Promise<PersonView['kind']>;
  /** Null: Slack can't say, so nobody is in it. */
  groupMembers(id: string): Promise<readonly string[] | null>;
}

/** Wakes workers. Loss is repaired by the reconciler, so a failure here is logged and forgotten. */
export interface Waker {
  steps(wakes: readonly Wake[]): Promise<void>;
  health(parts: readonly { readonly id: number; readonly wake: number }[]): Promise<void>;
}

export interface EngineSettings {
  readonly mode: 'act' | 'observe';
  readonly opsChannel: string;
  readonly approvalExpiresAlertMs: number;
  readonly approvalExpiresPersonMs: number;
  readonly executionDeadlineMs: number;
  readonly reopenWithinMs: number;
  readonly undoMaxBytes: number;
  /** New threads waiting in a channel, past which further incidents share a storm's. */
  readonly stormThreshold: number;
  /** A storm ends when fewer than half the threshold wait or have come within this time. */
  readonly stormCalmMs: number;
  /** How long a worker that says nothing is believed to be alive. */
  readonly leaseMs: number;
}

export interface Engine {
  readonly journal: Journal;
  readonly auditKey: AuditKey;
  readonly catalog: Catalog;
  readonly probeKinds: ReadonlyMap<string, ProbeKind>;
  readonly actionKinds: ReadonlyMap<string, ActionKind>;
  readonly directory: Directory;
  readonly self: SelfIdentity;
  readonly settings: EngineSettings;
  /** Names this process in claims. */
  readonly worker: string;
  readonly redact: Redact;
  readonly log: Logger;
  /** Aborts when the process shuts down. */
  readonly signal: AbortSignal;
  readonly waker: Waker;
  /** Tells the projector that messages are out of date, and in which channels. */
  readonly poke: (channels: readonly string[]) => void;
  /** Whether it is this process that brings a channel up to date now. */
  readonly projects: (channel: string) => boolean;
}
