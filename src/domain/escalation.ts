/** Whom to call when nobody answers, one after the other. Pure. */
import { backupNow, holders, type Organisation } from './organisation.ts';

export type EscalationRole = 'on-call' | 'backup' | 'duty-officer' | 'tech-lead' | 'deciders' | 'everyone';

export interface Level {
  readonly role: EscalationRole;
  /** Slack ids of people or groups; never empty. */
  readonly people: readonly string[];
}

const ORDER = ['on-call', 'backup', 'duty-officer', 'tech-lead'] as const;
type Called = (typeof ORDER)[number];

/** As people read them. */
export const ROLE_SAID: Readonly<Record<EscalationRole, string>> = {
  'on-call': 'on call',
  backup: 'backup',
  'duty-officer': 'duty officer',
  'tech-lead': 'tech lead',
  deciders: 'may decide',
  everyone: 'anyone who can reach somebody who may decide',
};

/**
 * From whoever is on call over their backup to the tech lead, who has the last word; of shared services the duty officer
 * comes before. Roles that nobody holds, or nobody new, are passed over.
 */
export function escalationChain(
  organisation: Organisation,
  ask: { readonly start: string; readonly shared: boolean },
  now: Date,
): readonly Level[] {
  const start = ORDER.find((role) => role === ask.start) ?? 'on-call';
  const seen = new Set<string>();
  return ORDER.slice(ORDER.indexOf(start)).flatMap((role) => {
    if (role === 'duty-officer' && !ask.shared && start !== 'duty-officer') return [];
    const people = holding(organisation, role, now).filter((person) => !seen.has(person));
    for (const person of people) seen.add(person);
    return people.length === 0 ? [] : [{ role, people }];
  });
}

function holding(organisation: Organisation, role: Called, now: Date): readonly string[] {
  return role === 'backup' ? backupNow(organisation, now) : holders(organisation, role, now);
}

/** The level after the one whose role was called last; null: nobody is left. */
export function levelAfter(chain: readonly Level[], last: string | null): Level | null {
  if (last === null) return chain[0] ?? null;
  const ranks: readonly string[] = ORDER;
  return chain.find(({ role }) => ranks.indexOf(role) > ranks.indexOf(last)) ?? null;
}

/** What a paging service is told. */
export interface Page {
  /** The same for every attempt at one level: a service that knows it calls once. */
  readonly dedupKey: string;
  readonly summary: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
}

const KNOWN = ['critical', 'error', 'warning', 'info'] as const;
export const pageSeverity = (severity: string): Page['severity'] =>
  KNOWN.find((one) => one === severity) ?? 'error';

/** A request is reminded of at two thirds of its time, and once more half-way from there to its end. */
export const REMIND_AT = 2 / 3;
export const REMIND_AGAIN_AT = 1 / 2;
