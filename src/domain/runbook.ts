/** What the catalog's YAML says, once it is parsed and valid. */
import type { Danger } from './action.ts';
import type { Objective } from './objective.ts';
import type { Organisation, Role } from './organisation.ts';
import type { Param } from './params.ts';
import type { MetricPicture } from './picture.ts';
import type { FactValue } from './probe.ts';
import type { Environment, Target } from './target.ts';

/** One Alertmanager matcher: `alertname="HighMemoryUsage"`, `service=~"redis|mysql"`. */
export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** `allkeys-lru` (the probe's first fact equals it) or `{ used_percent: '< 85', keys: '> 0' }`. */
export type Expectation = FactValue | Readonly<Record<string, FactValue>>;

export interface ProbeStep {
  readonly key: string;
  readonly title: string | null;
  readonly probe: string;
  readonly service: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly expect: Expectation | null;
  /** How long to go on asking until it is up and as expected; 0: ask once. */
  readonly withinMs: number;
  readonly timeoutMs: number;
}

export interface ActionStep {
  readonly key: string;
  readonly title: string | null;
  readonly action: string;
  readonly service: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Never lower than the kind's own danger. */
  readonly danger: Danger | null;
  readonly timeoutMs: number;
  /** How many people must approve, by environment; 1 where it says nothing. */
  readonly approvals?: Readonly<Partial<Record<Environment, number>>>;
  /** The key of the step before it that it takes back: it is asked for even when a step between the two fails. */
  readonly resumes?: string;
}

/** What only a person can do: it waits until somebody says that it is done. */
export interface TaskStep {
  readonly key: string;
  readonly title: string | null;
  readonly task: string;
}

export type Step =
  | ({ readonly type: 'probe' } & ProbeStep)
  | ({ readonly type: 'action' } & ActionStep)
  | ({ readonly type: 'task' } & TaskStep);

export interface RecoverOption {
  readonly key: string;
  readonly title: string;
  /** The bot plans it by itself when its own diagnosis confirms the condition. */
  readonly propose: boolean;
  /** Shown beside the button. */
  readonly caution: string | null;
  /** Asked for after the click, before anything is planned. */
  readonly params?: readonly Param[];
  readonly steps: readonly Step[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** In place of facts: what the probe says of its target as a whole. */
export const TARGET_STATES = ['down', 'not up'] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/**
 * What makes the alert true, as read from the target: while the probe's facts satisfy `holds`, the condition
 * is there. It decides whether the bot proposes an option, and `mitigated`.
 */
export interface Condition {
  readonly probe: string;
  readonly service: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly holds: Readonly<Record<string, FactValue>> | TargetState;
  /** `Redis uses {used_percent} % of its memory`; facts are filled in, and {service} and {state}. */
  readonly says: string;
  /** After a recovery: how long to wait for it to be gone. */
  readonly withinMs: number;
  /** The condition of these alerts alone: any of the lists, all of a list. Left out: of all. */
  readonly alerts?: readonly (readonly Matcher[])[];
  /** It shows that an option fits; that it is gone says nothing of the alert. */
  readonly mitigates?: false;
}

export interface Runbook {
  /** `moalog/redis-memory-pressure` */
  readonly id: string;
  readonly version: 1;
  readonly system: string;
  readonly title: string;
  /** Any of these lists of matchers, all of whose matchers match. */
  readonly triggers: readonly (readonly Matcher[])[];
  readonly symptoms: readonly string[];
  readonly impact: readonly string[];
  readonly condition: Condition | null;
  /** Several, of different alerts: the first that fits becomes `condition` when the alert is known. */
  readonly conditions?: readonly Condition[];
  /** The metric to draw in the thread. Left out: the alert's own. */
  readonly picture?: MetricPicture;
  readonly diagnose: readonly ProbeStep[];
  /** Of an operation: what `/ops run` does, step by step. Empty: it is for incidents. */
  readonly steps: readonly Step[];
  readonly params: readonly Param[];
  readonly recover: readonly RecoverOption[];
  readonly verify: readonly ProbeStep[];
  readonly notes: readonly string[];
  readonly links: readonly Link[];
  readonly escalate: { readonly afterMs: number; readonly to: string } | null;
}

export interface ServiceCheck extends ProbeStep {
  /** It costs something: asked only when somebody looks at the service, not by every diagnosis. */
  readonly deep: boolean;
  /** A line of its own in the system's health and in App Home; no service's state changes by it. */
  readonly line?: boolean;
}

export interface ServiceEntry {
  readonly name: string;
  readonly target: Target;
  /** The health probe. Null: no part of health (the Docker engine, a mere dependency). */
  readonly probe: ProbeStep | null;
  /** Further questions, asked when somebody looks at this service alone, and when an alert names it. */
  readonly checks?: readonly ServiceCheck[];
  /** Paths that no probe asks. */
  readonly avoid?: readonly string[];
  /** What else lives there and would be hurt by a change. */
  readonly sharedWith: readonly string[];
  /** Why the target is not configured, when it isn't: shown as the reason of `unknown`. */
  readonly notConfigured: string | null;
  /** Facts of the page that disagree, and which one was taken. */
  readonly notes: readonly string[];
  /** Roles that may approve beside the tech lead: the duty officer, of shared services. */
  readonly approvers?: readonly Role[];
}

/** What a page says of one call between services when the called one fails. */
export interface ResilienceFact {
  readonly call: string;
  /** As the page has it: `500ms`, `Spring default`. */
  readonly timeout: string;
  readonly onFailure: string;
  /** Requests pass unchecked: nothing looks broken, and nothing protects. */
  readonly failsOpen: boolean;
}

/** What people know of a system beside its services. */
export interface SystemFacts {
  readonly resilience: readonly ResilienceFact[];
  readonly objectives: readonly Objective[];
  /** Figures worth watching beside a service's health. */
  readonly watches: readonly Objective[];
  /** Names of the variables each part is configured with; never values. */
  readonly variables: readonly { readonly part: string; readonly names: readonly string[] }[];
  readonly compose: {
    /** SYSTEM_COMPOSE_FILE, or what the page says; null: not known. */
    readonly file: string | null;
    readonly projects: readonly string[];
    readonly volumes: readonly string[];
  };
  readonly notes: readonly string[];
}

export interface System {
  readonly name: string;
  readonly title: string;
  readonly environment: Environment;
  /** Where threads of its incidents open: an id or `#name`. Absent or null: the ops channel. */
  readonly channel?: string | null;
  readonly services: readonly ServiceEntry[];
  readonly links: readonly Link[];
  readonly runbooks: readonly Runbook[];
  /** Always there when the catalog was loaded from files. */
  readonly facts?: SystemFacts;
}

export type Severity = 'critical' | 'warning' | 'info';

/** `"{container}"` stands for the value of the label; null: the target says nothing of it. */
export interface AlertTarget {
  readonly match: readonly Matcher[];
  readonly system: string | null;
  readonly service: string | null;
}

export interface AlertRoute {
  readonly match: readonly Matcher[];
  /** An id or `#name`; null: these alerts are ignored. */
  readonly channel: string | null;
}

export interface AlertRules {
  readonly targets: readonly AlertTarget[];
  readonly routes: readonly AlertRoute[];
  /** Which words mean what; in lower case. */
  readonly severities: Readonly<Record<Severity, readonly string[]>>;
  /** Labels; alerts of one group that differ in one of them are incidents of their own. */
  readonly by: readonly string[];
}

export type { Organisation };

export interface Catalog {
  readonly systems: readonly System[];
  readonly organisation: Organisation;
  /** Always there when the catalog was loaded from files. */
  readonly alerts?: AlertRules;
  /** Every secret value that was read while loading: passwords in URLs, tokens. For redaction. */
  readonly secrets: readonly string[];
}
