/** What kind of person somebody is to this workspace, and what everybody who isn't one of its members is told. */
import type { Refusal } from './refusal.ts';

/** As Slack says it at the moment of asking; `foreign`: of another workspace or organisation. */
export type PersonKind = 'member' | 'guest' | 'bot' | 'deactivated' | 'foreign' | 'unknown';

/** Of a terminal's own user, whom Slack doesn't know: `cli:NAME`. */
const TERMINAL = 'cli:';
export const terminalAsker = (osUser: string): string => `${TERMINAL}${osUser}`;
export const isTerminalAsker = (asker: string): boolean => asker.startsWith(TERMINAL);
export const osUserOf = (asker: string): string => asker.slice(TERMINAL.length);

/** Null: a member, whose roles decide. */
export function refusalOf(kind: PersonKind): Refusal | null {
  const no = (sentence: string): Refusal => ({ word: 'not authorised', sentence });
  switch (kind) {
    case 'member':
      return null;
    case 'guest':
      return no('You are not authorised: guests can’t use this.');
    case 'bot':
      return no('You are not authorised: bots can’t use this.');
    case 'deactivated':
      return no('You are not authorised: this account is deactivated.');
    case 'foreign':
      return {
        word: 'wrong workspace',
        sentence: 'You are in the wrong workspace: only members of the bot’s own workspace can use this.',
      };
    case 'unknown':
      return no('You are not authorised: Slack can’t say who you are right now. Try again in a moment.');
    default:
      return kind satisfies never;
  }
}

/** Who asks for what nobody did: an alert, by itself. */
export const ALERT = 'alert';
export type Origin = 'alert' | 'person' | 'terminal';
export function originOf(asker: string): Origin {
  if (asker === ALERT) return 'alert';
  return isTerminalAsker(asker) ? 'terminal' : 'person';
}
