/**
 * What Slack's refusals mean for a message. Sources: the error tables of docs.slack.dev/reference/methods/chat.postMessage,
 * chat.update, chat.delete and files.completeUploadExternal, and the guide "Rate limits".
 */

export type Refusal =
  /** The content is wrong: the same content is refused again. */
  | 'never'
  /** The channel, or the bot's place in it: it can pass when somebody invites the bot or opens the channel. */
  | 'not here'
  /** It passes by itself, or once somebody mends the app's installation. */
  | 'not now'
  /** The message or its thread isn't there any more. */
  | 'gone';

const OF_KIND: Readonly<Record<Exclude<Refusal, 'not now'>, readonly string[]>> = {
  never: [
    'block_mismatch',
    'duplicate_blocks',
    'invalid_attachments',
    'invalid_blocks',
    'invalid_blocks_format',
    'invalid_metadata_format',
    'invalid_metadata_schema',
    'markdown_text_conflict',
    'metadata_must_be_sent_from_app',
    'metadata_too_large',
    'msg_blocks_too_long',
    'msg_too_long',
    'no_text',
    'too_many_attachments',
    'too_many_contact_cards',
  ],
  'not here': [
    'cannot_reply_to_message',
    'channel_not_found',
    'channel_type_not_supported',
    'is_archived',
    'messages_tab_disabled',
    'not_in_channel',
    'restricted_action',
    'restricted_action_non_threadable_channel',
    'restricted_action_read_only_channel',
    'restricted_action_thread_locked',
    'restricted_action_thread_only_channel',
    'slack_connect_file_link_sharing_blocked',
  ],
  gone: ['cant_update_message', 'edit_window_closed', 'message_not_found', 'thread_not_found'],
};

const KIND_OF: ReadonlyMap<string, Refusal> = new Map(
  (['never', 'not here', 'gone'] as const).flatMap((kind) =>
    OF_KIND[kind].map((error) => [error, kind] as const),
  ),
);

/** A name that is on no list counts as `not now`: new ones appear, and nothing promised is given up on what may pass. */
export const kindOfRefusal = (error: string): Refusal => KIND_OF.get(error) ?? 'not now';
