/** Who may decide on a request: the one rule, for the button and for the command. */
import type { Danger } from './action.ts';
import type { RequestState } from './lives.ts';

/** The words that acceptance checks and people look for in a refusal. */
export type RefusalWord =
  | 'not authorised'
  | 'your own request'
  | 'already decided'
  | 'expired'
  | 'superseded'
  | 'wrong channel'
  | 'wrong workspace'
  | 'outside the window'
  | 'freeze'
  | 'halted'
  | 'unknown request';

export interface Refusal {
  readonly word: RefusalWord;
  /** A whole sentence that contains the word. */
  readonly sentence: string;
}

export interface RequestView {
  readonly state: RequestState;
  readonly danger: Exclude<Danger, 'safe'>;
  readonly quorum: number;
  readonly askedBy: string;
  readonly decideBy: Date;
  readonly system: string;
  readonly incidentOpen: boolean;
  readonly decisions: readonly { readonly person: string; readonly verdict: 'approve' | 'deny' }[];
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
  readonly kind: 'member' | 'guest' | 'bot' | 'unknown';
  readonly roles: readonly ('tech-lead' | 'on-call' | 'duty-officer')[];
  readonly delegations: readonly DelegationView[];
}

export type Judgement =
  | { readonly allowed: true; readonly authority: string; readonly completes: boolean }
  | { readonly allowed: false; readonly refusal: Refusal };

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
  danger: Exclude<Danger, 'safe'>,
  system: string,
  now: Date,
): string | null {
  if (person.kind !== 'member') return null;
  if (person.roles.includes('tech-lead')) return 'tech lead';
  if (!person.roles.includes('on-call')) return null;
  if (danger === 'disruptive') return 'on call';
  const live = person.delegations.find((delegation) => isLive(delegation, system, now));
  return live === undefined ? null : `on call, by delegation of ${live.givenBy}`;
}

export function judge(
  request: RequestView,
  person: PersonView,
  verdict: 'approve' | 'deny',
  now: Date,
): Judgement {
  switch (request.state) {
    case 'superseded':
      return refuse(
        'superseded',
        'This plan was superseded: the target has changed, and a newer plan is in the thread.',
      );
    case 'expired':
      return refuse('expired', 'This request has expired: ask again, and a new plan is made.');
    case 'approved':
    case 'denied':
      return refuse('already decided', `This was already decided: ${request.state}.`);
    case 'cancelled':
      return refuse('already decided', 'This was already decided: it was cancelled.');
    case 'open':
      break;
    default:
      request.state satisfies never;
  }
  if (now >= request.decideBy)
    return refuse('expired', 'This request has expired: ask again, and a new plan is made.');
  if (!request.incidentOpen) return refuse('expired', 'This request has expired: its incident is resolved.');
  const authority = authorityOf(person, request.danger, request.system, now);
  if (authority === null) return refuse('not authorised', whyNot(person, request.danger));
  if (verdict === 'deny') return { allowed: true, authority, completes: true };
  if (request.danger === 'destructive' && person.id === request.askedBy) {
    return refuse(
      'your own request',
      'This is your own request: someone else with the authority must approve it.',
    );
  }
  const before = request.decisions.filter((d) => d.verdict === 'approve');
  if (before.some((d) => d.person === person.id)) {
    return refuse('already decided', 'You have already decided: this needs a second person.');
  }
  return { allowed: true, authority, completes: before.length + 1 >= request.quorum };
}

function whyNot(person: PersonView, danger: Exclude<Danger, 'safe'>): string {
  switch (person.kind) {
    case 'guest':
      return 'You are not authorised: guests can’t decide.';
    case 'bot':
      return 'You are not authorised: bots can’t decide.';
    case 'unknown':
      return 'You are not authorised: Slack can’t say who you are right now. Try again in a moment.';
    case 'member':
      return danger === 'destructive'
        ? 'You are not authorised: only the tech lead, or an on-call engineer with a live delegation, may decide this.'
        : 'You are not authorised: only someone on call or the tech lead may decide this.';
    default:
      return person.kind satisfies never;
  }
}
