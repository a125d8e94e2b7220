/** A click counts only in the workspace and channel of the message it was made on. */
import type { Refusal } from '../domain/decide.ts';
import { allChannels } from '../engine/core/channels.ts';
import type { SlackContext } from './slack-context.ts';

export async function wrongWorkspace(context: SlackContext, teamId: string | null): Promise<Refusal | null> {
  const own = await context.directory.teamId();
  if (own === null) {
    return {
      word: 'wrong workspace',
      sentence: 'Slack can’t say right now whether this is the wrong workspace. Try again in a moment.',
    };
  }
  if (teamId === own) return null;
  return {
    word: 'wrong workspace',
    sentence: 'This comes from the wrong workspace: nothing here belongs to it.',
  };
}

/** `channel`: where the click was, or the command was typed: any in which threads of incidents open. */
export async function wrongChannel(context: SlackContext, channel: string): Promise<Refusal | null> {
  const known = await Promise.all(allChannels(context.engine).map(context.directory.channelId));
  if (known.includes(channel)) return null;
  return {
    word: 'wrong channel',
    sentence: 'This is the wrong channel: decide in the ops channel, on the message itself.',
  };
}
