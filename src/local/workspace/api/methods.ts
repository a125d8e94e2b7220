/** Slack's Web API, as far as the bot uses it, as strict as Slack. */
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import type { Method } from './method.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...chat, ...conversations, ...files, ...users, ...views }),
);

/** Null: `unknown_method`. */
export const findMethod = (name: string): Method | null => METHODS.get(name) ?? null;
