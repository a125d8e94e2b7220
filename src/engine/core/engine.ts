/** What every use case is given. Made once, in main.ts. */
import type { Logger } from 'pino';
import type { ActionKind, SelfIdentity } from '../../domain/action.ts';
import type { AlertRule, Series } from '../../domain/alert-expression.ts';
import type { Page } from '../../domain/escalation.ts';
import type { PersonKind } from '../../domain/person.ts';
import type { ProbeContext, ProbeKind } from '../../domain/probe.ts';
import type { Redact } from '../../domain/redact.ts';
import type { Catalog, Matcher } from '../../domain/runbook.ts';
import type { ShownSilence } from '../../domain/silence.ts';
import type { AuditKey } from '../../journal/audit-chain.ts';
import type { DueDiagnosis } from '../../journal/diagnoses.ts';
import type { Journal } from '../../journal/open-journal.ts';
import type { Wake } from '../../journal/steps.ts';

/** What Slack says of people. Answers may be up to a minute old. */
export interface Directory {
  person(id: string): Promise<PersonKind>;
  /** Null: Slack can't say, so nobody is in it. */
  groupMembers(id: string): Promise<readonly string[] | null>;
}

/** Wakes workers. Loss is repaired by the reconciler, so a failure here is logged and forgotten. */
export interface Waker {
  steps(wakes: readonly Wake[]): Promise<void>;
  health(parts: readonly { readonly id: number; readonly wake: number }[]): Promise<void>;
}

/** Calls people outside Slack. Never rejects: what went wrong is a value. */
export interface Pager {
  send(
    page: Page,
    signal: AbortSignal,
  ): Promise<
    { readonly sent: true } | { readonly sent: false; readonly again: boolean; readonly why: string }
  >;
}

/** Asks a Prometheus what makes an alert true; rejects when it can't be reached, refuses, or answers too much. */
export interface Prometheus {
  /** What an expression gives now: an entry for each series. */
  series(url: string, expression: string, context: ProbeContext): Promise<readonly Series[]>;
  /** Alerting rules of that name. */
  rules(url: string, alertname: string, context: ProbeContext): Promise<readonly AlertRule[]>;
}

/** Sets silences in an Alertmanager; rejects when it can't be reached or refuses. */
export interface Silencer {
  /** The id of one that has not ended and whose comment has the mark; null: there is none. */
  find(url: string, mark: string, signal: AbortSignal): Promise<string | null>;
  /** Those that have not ended. */
  list(url: string, signal: AbortSignal): Promise<readonly ShownSilence[]>;
  create(url: string, silence: SilenceDraft, signal: AbortSignal): Promise<string>;
  /** One that has ended already is no fault. */
  expire(url: string, id: string, signal: AbortSignal): Promise<void>;
}

export interface SilenceDraft {
  readonly matchers: readonly Matcher[];
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly createdBy: string;
  readonly comment: string;
}

export interface EngineSettings {
  readonly mode: 'act' | 'observe';
  readonly opsChannel: string;
  readonly approvalExpiresAlertMs: number;
  readonly approvalExpiresPersonMs: number;
  readonly executionDeadlineMs: number;
  readonly reopenWithinMs: number;
  readonly undoMaxBytes: number;
  /** How often it is read again whether an incident's alerts are still true, once something was asked for it. */
  readonly conditionEveryMs: number;
  /** Keys of the audit log from before a rotation: they prove and decrypt what is older. */
  readonly auditKeysBefore?: readonly string[];
  /** A gateway sends no pages and sets no silences but those that a person asks it for. */
  readonly role?: 'all' | 'gateway' | 'worker';
  /** How long an alert that always fires may stay away before that is told. */
  readonly watchdogWithinMs: number;
  /** New threads waiting in a channel, past which further incidents share a storm's. */
  readonly stormThreshold: number;
  /** The same of incidents without a runbook. */
  readonly stormThresholdUnknown: number;
  /** A storm ends when fewer than half the threshold wait or have come within this time. */
  readonly stormCalmMs: number;
  /** How long a worker that says nothing is believed to be alive. */
  readonly leaseMs: number;
  readonly links: {
    /** Asked for objectives and watches where a system has no Prometheus of its own. */
    readonly prometheus: string | null;
    /** For links to dashboards. */
    readonly grafana?: string | null;
  };
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
  /** Absent: no paging service is configured. */
  readonly pager?: Pager;
  readonly silencer?: Silencer;
  /** Absent: alerts' own expressions can't be read, and a runbook's condition alone decides. */
  readonly prometheus?: Prometheus;
  /** Tells the projector that messages are out of date, and in which channels. */
  readonly poke: (channels: readonly string[]) => void;
  /** Begins the first diagnosis of incidents soon; what is lost here the reconciler brings again. */
  readonly diagnose: (due: readonly DueDiagnosis[]) => void;
  /** Whether it is this process that brings a channel up to date now. */
  readonly projects: (channel: string) => boolean;
}
