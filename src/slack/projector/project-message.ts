/** Brings one message up to date: posts it, updates it, or leaves it when it already says what it should. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Engine } from '../../engine/core/engine.ts';
import {
  forgetTs,
  giveUp,
  holdBack,
  type MessageRow,
  markCurrent,
  markShown,
  notPosted,
  postAgain,
  startPosting,
  tryLater,
} from '../../journal/messages.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { hidePicture } from '../../journal/pictures.ts';
import type { Rendered } from '../blocks.ts';
import type { SlackAnswer, SlackPort } from '../slack-client.ts';
import { EVENT_TYPE } from './find-posted.ts';
import type { Pace } from './pace.ts';
import { fileNameOf, postFile, wantedIn } from './post-file.ts';
import { render } from './render.ts';
import type { PostMemory } from './was-posted.ts';

export interface Projection {
  readonly engine: Engine;
  readonly slack: SlackPort;
  /** Told of what Slack refuses for good, for `/readyz`; null: all is well. */
  readonly report: (problem: string | null) => void;
  readonly learn: (channel: string, id: string) => void;
  readonly memory: PostMemory;
}

/** What the channel's loop should do next. */
export type Next =
  | { readonly kind: 'on' }
  /** This message is tried again after that long; the others go on. */
  | { readonly kind: 'later'; readonly ms: number }
  /** The channel's own pace says wait. */
  | { readonly kind: 'blocked'; readonly ms: number }
  /** Slack says wait. */
  | { readonly kind: 'limited'; readonly ms: number };

const ON: Next = { kind: 'on' };
const NO_BLOCKS: Rendered = { text: '', blocks: [] };
/** Updates of one message closer than this are one update. */
const COALESCE_MS = 900;
/** Doubled after each failure, up to the bound: a thread is right again within seconds of Slack's return. */
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 2000;
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
const NOT_NOW = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'missing_scope',
  'restricted_action',
  'no_permission',
  'not_authed',
]);

export const keyOf = (row: Pick<MessageRow, 'surface' | 'subject' | 'slot'>): string =>
  `${row.surface}/${row.subject}/${row.slot}`;

/** `take` asks the channel's pace: 0 lets the call go, else it is how long to wait. */
export async function projectMessage(
  projection: Projection,
  row: MessageRow,
  channel: string,
  take: Pace['take'],
): Promise<Next> {
  const { engine } = projection;
  if (fileNameOf(row) !== null) {
    if (row.ts === null) return post(projection, row, channel, NO_BLOCKS, '', take);
    await markCurrent(engine.journal.loose, row);
    return ON;
  }
  const rendered = await render(engine, row);
  if (rendered === null) {
    await markCurrent(engine.journal.loose, row);
    return ON;
  }
  const shown = engine.redact(rendered);
  const digest = createHash('sha256').update(canonicalJson(shown)).digest('hex');
  if (row.ts !== null && digest === row.digest) {
    await markCurrent(engine.journal.loose, row);
    return ON;
  }
  if (row.ts !== null) return update(projection, row, row.ts, channel, shown, digest, take);
  return post(projection, row, channel, shown, digest, take);
}

async function update(
  projection: Projection,
  row: MessageRow,
  ts: string,
  channel: string,
  shown: Rendered,
  digest: string,
  take: Pace['take'],
): Promise<Next> {
  const { pool, loose } = projection.engine.journal;
  const sinceLast = row.sinceUpdateMs ?? COALESCE_MS;
  if (!row.urgent && sinceLast < COALESCE_MS) {
    await holdBack(pool, row.id, COALESCE_MS - Math.max(0, sinceLast));
    return ON;
  }
  const wait = take('update', row.urgent);
  if (wait > 0) return { kind: 'blocked', ms: wait };
  const answer = await projection.slack.call('chat.update', { channel, ts, ...shown });
  if (answer.kind === 'ok') {
    await markShown(loose, row, { ts, digest, doubtful: false });
    projection.report(null);
    return ON;
  }
  if (answer.kind === 'refused' && GONE.has(answer.error)) {
    projection.engine.log.warn(
      { message: keyOf(row), error: answer.error },
      'a message is gone from Slack; it is posted again',
    );
    await forgetTs(pool, row.id);
    // A root that was deleted takes its thread along.
    if (row.slot === 'root') await postAgain(pool, row, 'replies');
    return ON;
  }
  return notDone(projection, row, shown, answer);
}

async function post(
  projection: Projection,
  row: MessageRow,
  channel: string,
  shown: Rendered,
  digest: string,
  take: Pace['take'],
): Promise<Next> {
  const { pool, loose } = projection.engine.journal;
  const { memory } = projection;
  const isFirst = memory.isFirst(row);
  if (!isFirst) {
    const found = await memory.find(row, channel, wantedIn(row, keyOf(row)));
    if (found === null) {
      return later(pool, row, 'Slack can’t say whether it was posted');
    }
    const [first] = found;
    if (first !== undefined) {
      await markShown(pool, { ...row, wanted: row.wanted - 1 }, { ts: first, digest: '', doubtful: true });
      return ON;
    }
  }
  const wait = take('post', row.urgent);
  if (wait > 0) return { kind: 'blocked', ms: wait };
  // Written down already, for the first post of a process that said it would make it.
  const { worker } = projection.engine;
  const isSaid = isFirst && row.postingBy === worker;
  if (!isSaid && !(await startPosting(pool, row, worker))) return ON;
  memory.begin(row);
  const name = fileNameOf(row);
  const answer =
    name !== null
      ? await postFile(projection.engine, projection.slack, row, { name, channel })
      : await projection.slack.call('chat.postMessage', {
          channel,
          ...shown,
          ...(row.threadTs === null ? {} : { thread_ts: row.threadTs }),
          unfurl_links: false,
          unfurl_media: false,
          metadata: { event_type: EVENT_TYPE, event_payload: { key: keyOf(row) } },
        });
  if (answer === null) {
    await markCurrent(pool, row);
    return ON;
  }
  if (answer.kind === 'ok' && typeof answer.data.ts === 'string') {
    if (typeof answer.data.channel === 'string') projection.learn(row.channel, answer.data.channel);
    await markShown(loose, row, {
      ts: answer.data.ts,
      digest,
      doubtful: !isFirst,
    });
    if (row.parent === null) memory.rootIsNew(row);
    projection.report(null);
    return ON;
  }
  if (answer.kind === 'limited' || answer.kind === 'refused') {
    await notPosted(pool, row.id);
    memory.notPosted(row);
  }
  return notDone(projection, row, shown, answer);
}

async function notDone(
  projection: Projection,
  row: MessageRow,
  shown: Rendered,
  answer: SlackAnswer,
): Promise<Next> {
  const { engine, report } = projection;
  const { pool } = engine.journal;
  switch (answer.kind) {
    case 'limited':
      return { kind: 'limited', ms: Math.max(answer.retryAfterMs, 1000) };
    case 'refused': {
      if (await doWithoutPicture(projection, row, shown, answer.error)) return ON;
      const why = `Slack refuses ${keyOf(row)}: ${answer.error}${answer.details.length > 0 ? ` (${answer.details.join('; ')})` : ''}`;
      engine.log.error(
        { message: keyOf(row), error: answer.error, details: answer.details },
        'Slack refused a message',
      );
      if (answer.error === 'thread_not_found' && row.parent !== null) {
        await postAgain(pool, { ...row, slot: row.parent }, 'thread');
        return ON;
      }
      if (NOT_NOW.has(answer.error)) {
        report(`${answer.error} for ${row.channel}`);
        return later(pool, row, why);
      }
      await giveUp(pool, row, why);
      return ON;
    }
    case 'lost':
      report(`Slack does not answer: ${answer.why}`);
      return later(pool, row, answer.why);
    case 'ok':
      return later(pool, row, 'Slack’s answer has no ts');
    default:
      return answer satisfies never;
  }
}

/** A file that Slack is not ready to show keeps no text waiting: the message goes without, and gets it later. */
async function doWithoutPicture(
  { engine }: Projection,
  row: MessageRow,
  shown: Rendered,
  error: string,
): Promise<boolean> {
  const file = shown.blocks.flatMap((block) =>
    block.type === 'image' && 'slack_file' in block ? [block.slack_file] : [],
  )[0];
  if (error !== 'invalid_blocks' || file === undefined || !('id' in file) || file.id === undefined)
    return false;
  engine.log.info({ message: keyOf(row), file: file.id }, 'Slack does not show a picture yet');
  return hidePicture(engine.journal.pool, row, file.id);
}

async function later(pool: Tx, row: MessageRow, why: string): Promise<Next> {
  const ms = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(row.tries, 6));
  await tryLater(pool, row.id, ms, why);
  return { kind: 'later', ms };
}
