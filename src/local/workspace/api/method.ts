/** What a method of the Web API is: arguments in, Slack's answer out. */
import type { Json } from '../json.ts';
import type { Store } from '../store.ts';
import type { Triggers } from '../triggers.ts';

export type Answer =
  | { readonly ok: true; readonly [field: string]: unknown }
  | { readonly ok: false; readonly error: string; readonly messages?: readonly string[] };

/** What tests change: who people are, and whether the workspace is part of an Enterprise Grid. */
export interface Standing {
  readonly people: Map<string, Json>;
  enterprise: string | null;
}

export interface ApiDeps {
  readonly standing: Standing;
  readonly store: Store;
  readonly triggers: Triggers;
  readonly baseUrl: () => string;
  /** Channels, by id, that nobody can post in any more. */
  readonly archived: ReadonlySet<string>;
  /** Channels, by id, where only some may post, and the bot isn't one of them. */
  readonly readOnly: ReadonlySet<string>;
  /** Channels, by id, that the bot is not a member of. */
  readonly left: Set<string>;
  /** How long a file can't be named by a block after its upload; 0: not at all. */
  readonly slowFiles: { ms: number };
}

export type Method = (deps: ApiDeps, args: Json) => Answer;

export const no = (error: string, messages?: readonly string[]): Answer => ({
  ok: false,
  error,
  ...(messages === undefined ? {} : { messages }),
});

export const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

/** A page of a list that doesn't change: its cursor is an offset. */
export function pageOf<T>(
  all: readonly T[],
  args: Json,
): { readonly items: readonly T[]; readonly next: string } | Answer {
  const limit = Number(args.limit ?? 1000);
  if (!(limit >= 1)) return no('invalid_limit');
  const from = args.cursor === undefined || args.cursor === '' ? 0 : decode('offset', args.cursor);
  if (from === null) return no('invalid_cursor');
  const end = Number(from) + limit;
  return {
    items: all.slice(Number(from), end),
    next: end < all.length ? encode('offset', String(end)) : '',
  };
}

export function encode(name: string, value: string): string {
  return Buffer.from(`${name}:${value}`).toString('base64');
}

/** Null: not a cursor of ours. */
export function decode(name: string, cursor: unknown): string | null {
  const [said, value] = Buffer.from(String(cursor), 'base64').toString('utf8').split(':');
  return said === name && value !== undefined && /^[\d.]+$/u.test(value) ? value : null;
}
