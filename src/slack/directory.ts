/** What Slack says of people, groups, channels and the workspace; remembered for a minute at most. */
import { z } from 'zod';
import type { PersonKind } from '../domain/person.ts';
import type { Directory } from '../engine/core/engine.ts';
import type { SlackPort } from './slack-client.ts';

const REMEMBER_MS = 60_000;

export interface SlackDirectory extends Directory {
  /** The workspace the bot's token belongs to; null while Slack can't say. */
  teamId(): Promise<string | null>;
  /** `https://acme.slack.com/`; null while Slack can't say. */
  workspaceUrl(): Promise<string | null>;
  /**
   * The id of `#name` (an id is itself); the name where Slack won't list channels, as posting takes it too; null while
   * it can't be found.
   */
  channelId(channel: string): Promise<string | null>;
  /** Slack's answer to a post names the channel's id. */
  learn(channel: string, id: string): void;
}

interface Remembered<T> {
  readonly value: T;
  readonly until: number;
}

/** `find` answers null for "can't say", which is not remembered. */
function remember<T>(
  ms: number,
  find: (key: string) => Promise<T | null>,
): (key: string) => Promise<T | null> {
  const known = new Map<string, Remembered<T>>();
  return async (key) => {
    const hit = known.get(key);
    if (hit !== undefined && hit.until > performance.now()) return hit.value;
    const value = await find(key);
    if (known.size > 10_000) known.clear();
    if (value !== null) known.set(key, { value, until: performance.now() + ms });
    return value;
  };
}

export function createDirectory(slack: SlackPort): SlackDirectory {
  const workspace = remember(24 * 60 * REMEMBER_MS, async () => {
    const answer = await slack.call('auth.test', {});
    if (answer.kind !== 'ok' || typeof answer.data.team_id !== 'string') return null;
    const { team_id: id, enterprise_id: enterprise, url } = answer.data;
    return {
      id,
      enterprise: typeof enterprise === 'string' && enterprise !== '' ? enterprise : null,
      url: typeof url === 'string' && /^https?:\/\/[^\s|<>]+\/$/u.test(url) ? url : null,
    };
  });
  const person = remember<PersonKind>(REMEMBER_MS, async (id) => {
    const [answer, own] = await Promise.all([slack.call('users.info', { user: id }), workspace('team')]);
    const user = answer.kind === 'ok' ? slackUser.safeParse(answer.data.user) : null;
    return own === null || user?.success !== true ? null : kindOf(user.data, own);
  });
  const groupMembers = remember(REMEMBER_MS, async (id) => {
    const answer = await slack.call('usergroups.users.list', { usergroup: id });
    return answer.kind === 'ok' && Array.isArray(answer.data.users) ? answer.data.users.map(String) : null;
  });
  const channel = remember(60 * REMEMBER_MS, (name) => findChannel(slack, name));
  const learnt = new Map<string, string>();
  return {
    person: async (id) => (await person(id)) ?? 'unknown',
    groupMembers,
    teamId: async () => (await workspace('team'))?.id ?? null,
    workspaceUrl: async () => (await workspace('team'))?.url ?? null,
    channelId: async (name) =>
      isChannelId(name) ? name : (learnt.get(name) ?? (await channel(name.replace(/^#/u, '')))),
    learn: (name, id) => void learnt.set(name, id),
  };
}

/** docs.slack.dev, "users.info" and "User types": what is left out is false; `team_id` never is. */
const flag = z.boolean().nullish();
const slackUser = z.object({
  id: z.string(),
  team_id: z.string(),
  deleted: flag,
  is_bot: flag,
  is_workflow_bot: flag,
  is_stranger: flag,
  is_restricted: flag,
  is_ultra_restricted: flag,
  enterprise_user: z.object({ enterprise_id: z.string().nullish() }).nullish(),
});

/**
 * In a channel shared with others everybody's clicks arrive alike: only what Slack says of the person tells who is ours.
 * On Enterprise Grid colleagues of other workspaces are.
 */
function kindOf(
  user: z.infer<typeof slackUser>,
  own: { readonly id: string; readonly enterprise: string | null },
): PersonKind {
  const isColleague = own.enterprise !== null && user.enterprise_user?.enterprise_id === own.enterprise;
  if (user.is_stranger === true || (user.team_id !== own.id && !isColleague)) return 'foreign';
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true || user.is_workflow_bot === true || user.id === 'USLACKBOT') return 'bot';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}

export const isChannelId = (text: string): boolean => /^[CGD][A-Z0-9_]{2,}$/u.test(text);

async function findChannel(slack: SlackPort, name: string): Promise<string | null> {
  let cursor = '';
  for (let page = 0; page < 100; page += 1) {
    const answer = await slack.call('conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      // Slack advises 200 at most: more has been answered with fewer, or with an error.
      limit: 200,
      ...(cursor === '' ? {} : { cursor }),
    });
    if (answer.kind === 'refused') return `#${name}`;
    if (answer.kind !== 'ok' || !Array.isArray(answer.data.channels)) return null;
    const found = (answer.data.channels as readonly { id?: string; name?: string }[]).find(
      (entry) => entry.name === name,
    );
    if (found?.id !== undefined) return found.id;
    cursor = answer.data.response_metadata?.next_cursor ?? '';
    if (cursor === '') return null;
  }
  return null;
}
