/** Who may decide on a request, and whether what was approved may start: the one rule, for the button and the command. */
import type { Danger } from './action.ts';
import {
  BOXES,
  barred,
  type Calendar,
  type Change,
  LEAD_BOX,
  needsBoxes,
  openBoxes,
} from './change-rules.ts';
import type { RequestState } from './lives.ts';
import type { Role } from './organisation.ts';
import { type PersonKind, refusalOf } from './person.ts';
import type { Refusal, RefusalWord } from './refusal.ts';

export type { Refusal, RefusalWord };

type Asked = Exclude<Danger, 'safe'>;

export interface DecisionView {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly authority: string;
}

export interface RequestView extends Change {
  readonly state: RequestState;
  readonly danger: Asked;
  readonly quorum: number;
  readonly askedBy: string;
  readonly decideBy: Date;
  /** Null until it is approved. */
  readonly startBy: Date | null;
  readonly incidentOpen: boolean;
  readonly decisions: readonly DecisionView[];
  /** Roles that may approve beside the tech lead, as the catalog says of the service. */
  readonly approvers: readonly Role[];
  /** Boxes of change management that somebody has ticked. */
  readonly ticked: readonly string[];
}

export interface DelegationView {
  readonly person: string;
  readonly givenBy: string;
  readonly system: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly revokedAt: Date | null;
}

/** What Slack and the organisation say of whoever clicked. */
export interface PersonView {
  readonly id: string;
  readonly kind: PersonKind;
  readonly roles: readonly Role[];
  readonly delegations: readonly DelegationView[];
}

export type Judgement =
  | { readonly allowed: true; readonly authority: string; readonly completes: boolean }
  | { readonly allowed: false; readonly refusal: Refusal };

/** As they are journalled; the database asks for one of the two where the tech lead's box stands (migration 0006). */
export const TECH_LEAD = 'tech lead';
export const DUTY_OFFICER = 'duty officer, of shared services';

const refuse = (word: RefusalWord, sentence: string): Judgement => ({
  allowed: false,
  refusal: { word, sentence },
});

/** Windows are half-open: a delegation that ends now is over. */
export function isLive(delegation: DelegationView, system: string, now: Date): boolean {
  return (
    delegation.startsAt <= now &&
    now < delegation.endsAt &&
    (delegation.revokedAt === null || now < delegation.revokedAt) &&
    (delegation.system === null || delegation.system === system) &&
    delegation.givenBy !== delegation.person
  );
}

/** Why this person may decide, or null. */
export function authorityOf(
  person: PersonView,
  request: Pick<RequestView, 'danger' | 'system' | 'approvers'>,
  now: Date,
): string | null {
  if (person.kind !== 'member') return null;
  if (person.roles.includes('tech-lead')) return TECH_LEAD;
  if (person.roles.includes('duty-officer') && request.approvers.includes('duty-officer'))
    return DUTY_OFFICER;
  if (!person.roles.includes('on-call')) return null;
  if (request.danger === 'disruptive') return 'on call';
  const live = person.delegations.find((delegation) => isLive(delegation, request.system, now));
  return live === undefined ? null : `on call, by delegation of ${live.givenBy}`;
}

export function judge(
  request: RequestView,
  person: PersonView,
  verdict: 'approve' | 'deny',
  now: Date,
  calendar: Calendar,
): Judgement {
  const over = whyOver(request, now);
  if (over !== null) return { allowed: false, refusal: over };
  const stranger = refusalOf(person.kind);
  if (stranger !== null) return { allowed: false, refusal: stranger };
  const authority = authorityOf(person, request, now);
  if (authority === null)
    return refuse('not authorised', `You are not authorised: only ${mayDecide(request)} may decide this.`);
  if (verdict === 'deny') return { allowed: true, authority, completes: true };
  if (request.danger === 'destructive' && person.id === request.askedBy) {
    return refuse(
      'your own request',
      'This is your own request: someone else with the authority must approve it.',
    );
  }
  const bar = barred(request, calendar, now);
  if (bar !== null) return { allowed: false, refusal: bar };
  const before = request.decisions.filter((d) => d.verdict === 'approve');
  if (before.some((d) => d.person === person.id)) {
    return refuse('already decided', 'You have already decided: this needs a second person.');
  }
  const completes = before.length + 1 >= request.quorum;
  const boxes = boxesLeft(request, completes ? [...before.map((d) => d.authority), authority] : null);
  if (boxes.length > 0) {
    return refuse(
      'not authorised',
      `Nobody is authorised to approve this yet. Open of the five boxes: ${boxes.join('; ')}.`,
    );
  }
  return { allowed: true, authority, completes };
}

/** Whether it can still be decided upon at all. */
function whyOver(request: RequestView, now: Date): Refusal | null {
  const say = (word: RefusalWord, sentence: string): Refusal => ({ word, sentence });
  switch (request.state) {
    case 'superseded':
      return say(
        'superseded',
        'This plan was superseded: the target has changed, and a newer plan is in the thread.',
      );
    case 'expired':
      return say('expired', 'This request has expired: ask again, and a new plan is made.');
    case 'approved':
    case 'denied':
      return say('already decided', `This was already decided: ${request.state}.`);
    case 'cancelled':
      return say('already decided', 'This was already decided: it was cancelled.');
    case 'open':
      break;
    default:
      request.state satisfies never;
  }
  if (now >= request.decideBy)
    return say('expired', 'This request has expired: ask again, and a new plan is made.');
  if (!request.incidentOpen) return say('expired', 'This request has expired: its incident is resolved.');
  return null;
}

/** In words; `authorities`: of everyone whose approvals would make it approved, null while more are to come. */
function boxesLeft(request: RequestView, authorities: readonly string[] | null): readonly string[] {
  if (!needsBoxes(request)) return [];
  const open: string[] = openBoxes(request.ticked).map((box) => BOXES[box]);
  return authorities === null || authorities.some(isLead) ? open : [...open, LEAD_BOX];
}

/** For shared services the duty officer stands where the tech lead does elsewhere. */
const isLead = (authority: string): boolean => authority === TECH_LEAD || authority === DUTY_OFFICER;

/** Right before a claim: is what was approved still approved, in time, by enough others, and not barred meanwhile? */
export function whyNotStart(request: RequestView, now: Date, calendar: Calendar): Refusal | null {
  if (request.state !== 'approved' || request.startBy === null)
    return { word: 'not authorised', sentence: 'This is not authorised: it is not approved.' };
  if (now >= request.startBy || !request.incidentOpen)
    return { word: 'expired', sentence: 'The approval has expired before it was used.' };
  const approvals = request.decisions.filter(
    (d) => d.verdict === 'approve' && !(request.danger === 'destructive' && d.person === request.askedBy),
  );
  if (new Set(approvals.map((d) => d.person)).size < request.quorum)
    return { word: 'not authorised', sentence: 'This is not authorised: too few people have approved it.' };
  const boxes = boxesLeft(
    request,
    approvals.map((d) => d.authority),
  );
  if (boxes.length > 0)
    return { word: 'not authorised', sentence: `This is not authorised: open are ${boxes.join('; ')}.` };
  return barred(request, calendar, now);
}

/** Who may decide, in words. */
export function mayDecide(request: Pick<RequestView, 'danger' | 'approvers'>): string {
  const duty = request.approvers.includes('duty-officer') ? ', the duty officer' : '';
  return request.danger === 'destructive'
    ? `the tech lead${duty}, or an on-call engineer with a live delegation,`
    : `someone on call${duty} or the tech lead`;
}
