/** What a message is to say, or why Slack would refuse it. */
import { randomBytes } from 'node:crypto';
import { LIMITS } from '../../../slack/limits.ts';
import { checkBlocks } from '../check-blocks.ts';
import { isObject, type Json, objects, text } from '../json.ts';
import { channels } from '../people.ts';
import type { Store } from '../store.ts';
import { type Answer, type ApiDeps, no } from './method.ts';
import { mimeOf } from './show-message.ts';

export interface Content {
  readonly text: string;
  readonly blocks: readonly Json[] | null;
  readonly metadata: Json | null;
}

/** Slack names each block that has no name yet. */
export const withIds = (blocks: readonly Json[]): readonly Json[] =>
  blocks.map((block) => ({ ...block, block_id: block.block_id ?? randomBytes(3).toString('hex') }));

/** A picture that has been uploaded, and that Slack has had time to look at. */
export const knowsFile =
  (store: Store) =>
  (id: string): boolean => {
    const file = store.files.get(id);
    if (file?.state !== 'complete' || (file.readyAt ?? 0) > Date.now()) return false;
    return mimeOf(file.name).startsWith('image/');
  };

export function readContent(store: Store, args: Json): Content | Answer {
  const given = args.blocks ?? null;
  const said = text(args.text);
  if (said === '' && (given === null || objects(given)?.length === 0)) return no('no_text');
  if (said.length > LIMITS.messageText) return no('msg_too_long');
  const problems = given === null ? [] : checkBlocks(given, 'message', knowsFile(store));
  if (problems.length > 0) return no('invalid_blocks', problems);
  const blocks = objects(given);
  if (blocks !== null && JSON.stringify(blocks).length > LIMITS.messageBlocksJson)
    return no('msg_blocks_too_long');
  const metadata = args.metadata ?? null;
  if (metadata !== null) {
    if (!isObject(metadata) || typeof metadata.event_type !== 'string' || !isObject(metadata.event_payload))
      return no('invalid_metadata_format');
    if (JSON.stringify(metadata).length > LIMITS.metadataBytes) return no('metadata_too_large');
  }
  return {
    text: said,
    blocks: blocks === null ? null : withIds(blocks),
    metadata: isObject(metadata) ? metadata : null,
  };
}

/** By id, or where Slack allows it by name; refused when nobody, or not the bot, can write there. */
export function openChannel(deps: ApiDeps, value: unknown, byName: boolean): string | Answer {
  const name = text(value).replace(/^#/u, '');
  const found = channels.find((channel) => channel.id === value || (byName && channel.name === name));
  if (found === undefined) return no('channel_not_found');
  if (deps.archived.has(found.id)) return no('is_archived');
  if (deps.readOnly.has(found.id)) return no('restricted_action_read_only_channel');
  return deps.left.has(found.id) ? no('not_in_channel') : found.id;
}

/**
 * Null: in the channel itself. As Slack: a reply to a root that is gone is taken and lands in the channel; a deleted
 * root whose replies live on still has its thread.
 */
export function readThread(store: Store, channel: string, value: unknown): string | null | Answer {
  if (value === undefined || value === null || value === '') return null;
  if (!/^\d+\.\d+$/u.test(text(value))) return no('invalid_thread_ts');
  const root = store.findRoot(channel, text(value));
  return root === null ? null : (root.threadTs ?? root.ts);
}
