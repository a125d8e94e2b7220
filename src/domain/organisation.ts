/** Who is who, and when what may be done: what org.yaml says. */
import { dutyAt, type Rotation } from './rotation.ts';
import type { Freeze, MaintenanceWindow } from './windows.ts';

export const ROLES = ['tech-lead', 'on-call', 'duty-officer'] as const;
export type Role = (typeof ROLES)[number];

/** Whom to reach outside Slack. */
export const CONTACTS = ['administrator', 'database-administrator', 'security', 'on-call'] as const;
export type ContactName = (typeof CONTACTS)[number];

export interface Rules {
  /** Null: `roles.on-call` says who is on call, all of the time. */
  readonly rotation: Rotation | null;
  readonly windows: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
  /** The longest delegation, in milliseconds. */
  readonly longestDelegationMs: number;
  readonly escalation: {
    /** Before a critical incident whose runbook doesn't say is escalated. */
    readonly afterMs: number;
    /** Between one person and the next. */
    readonly waitMs: number;
  };
  /** Null: unset, which is warned of wherever contacts are shown. */
  readonly contacts: Readonly<Record<ContactName, string | null>>;
  readonly bridge: string | null;
}

export interface Organisation {
  /** Slack user ids or user-group ids (`S…`). */
  readonly techLead: readonly string[];
  readonly onCall: readonly string[];
  readonly dutyOfficer: readonly string[];
  /** Of users of terminals who they are in Slack. */
  readonly terminal?: Readonly<Record<string, string>>;
  /** Always there when it was loaded from a file. */
  readonly rules?: Rules;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The primary window of the shared infrastructure's page, and careful defaults. */
export const DEFAULT_RULES: Rules = {
  rotation: null,
  windows: [{ every: 'saturday', from: 2 * HOUR_MS, to: 6 * HOUR_MS, zone: 'UTC' }],
  freezes: [],
  longestDelegationMs: 12 * HOUR_MS,
  escalation: { afterMs: 15 * MINUTE_MS, waitMs: 5 * MINUTE_MS },
  contacts: { administrator: null, 'database-administrator': null, security: null, 'on-call': null },
  bridge: null,
};

export const rulesOf = (organisation: Organisation): Rules => organisation.rules ?? DEFAULT_RULES;

/** People, and groups where there is no rotation. */
export function onCallNow(organisation: Organisation, now: Date): readonly string[] {
  const { rotation } = rulesOf(organisation);
  const duty = rotation === null ? null : dutyAt(rotation, now);
  return duty === null ? organisation.onCall : [duty.person];
}

export function backupNow(organisation: Organisation, now: Date): readonly string[] {
  const { rotation } = rulesOf(organisation);
  const backup = rotation === null ? null : (dutyAt(rotation, now)?.backup ?? null);
  return backup === null ? [] : [backup];
}

/** Somebody whom the rotation names at some time: in turn, in another's place, or as the backup. */
export function isInRotation(organisation: Organisation, person: string): boolean {
  const { rotation } = rulesOf(organisation);
  if (rotation === null) return false;
  const named = [...rotation.people, ...rotation.overrides.map((one) => one.person), rotation.backup];
  return named.includes(person);
}

/** Who holds the role at that moment. */
export function holders(organisation: Organisation, role: Role, now: Date): readonly string[] {
  switch (role) {
    case 'tech-lead':
      return organisation.techLead;
    case 'on-call':
      return onCallNow(organisation, now);
    case 'duty-officer':
      return organisation.dutyOfficer;
    default:
      return role satisfies never;
  }
}
