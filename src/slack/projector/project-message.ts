/** Brings one message up to date: posts it, updates it, or leaves it when it already says what it should. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import {
  forgetTs,
  holdBack,
  type MessageRow,
  markCurrent,
  markShown,
  noteUnwanted,
  notPosted,
  postAgain,
  startPosting,
} from '../../journal/messages.ts';
import type { Rendered } from '../blocks.ts';
import { kindOfRefusal } from '../refusals.ts';
import { isObject } from '../verified-listener.ts';
import { EVENT_TYPE } from './find-posted.ts';
import { AGAIN, later, type Next, notDone, ON } from './not-done.ts';
import type { Pace } from './pace.ts';
import { fileNameOf, postFile, wantedIn } from './post-file.ts';
import { keyOf, type Projection } from './projection.ts';
import { render } from './render.ts';
import { sayOrPlainer } from './say-or-plainer.ts';

const NO_BLOCKS: Rendered = { text: '', blocks: [] };
/** Updates of one message closer than this are one update. */
const COALESCE_MS = 900;
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
  const answer = await sayOrPlainer(projection, row, shown, (content) =>
    projection.slack.call('chat.update', { channel, ts, ...content }),
  );
  if (answer.kind === 'ok') {
    await markShown(loose, row, { ts, digest, doubtful: false });
    projection.report(row, null);
    return ON;
  }
  if (answer.kind === 'refused' && kindOfRefusal(answer.error) === 'gone') {
    projection.engine.log.warn(
      { message: keyOf(row), error: answer.error },
      'a message is gone from Slack; it is posted again',
    );
    // A root takes its thread along: all of it is posted again below the new one.
    if (row.slot === 'root') {
      await postAgain(pool, row, 'thread');
      return AGAIN;
    }
    if (answer.error !== 'message_not_found') await noteUnwanted(pool, row.channel, ts);
    await forgetTs(pool, row.id);
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
      : await sayOrPlainer(projection, row, shown, (content) =>
          projection.slack.call('chat.postMessage', {
            channel,
            ...content,
            ...(row.threadTs === null ? {} : { thread_ts: row.threadTs }),
            unfurl_links: false,
            unfurl_media: false,
            metadata: { event_type: EVENT_TYPE, event_payload: { key: keyOf(row) } },
          }),
        );
  if (answer === null) {
    await markCurrent(pool, row);
    return ON;
  }
  if (answer.kind === 'ok' && typeof answer.data.ts === 'string') {
    if (typeof answer.data.channel === 'string') projection.learn(row.channel, answer.data.channel);
    if (isOutsideItsThread(row, answer.data.message)) return threadIsGone(projection, row, answer.data.ts);
    await markShown(loose, row, {
      ts: answer.data.ts,
      digest,
      doubtful: !isFirst,
    });
    if (row.parent === null) memory.rootIsNew(row);
    projection.report(row, null);
    return ON;
  }
  if (answer.kind === 'limited' || answer.kind === 'refused') {
    await notPosted(pool, row.id);
    memory.notPosted(row);
  }
  return notDone(projection, row, shown, answer);
}

/** Slack takes a reply to a root that is gone, and shows it in the channel: its answer says where the reply went. */
const isOutsideItsThread = (row: MessageRow, message: unknown): boolean =>
  row.parent !== null && row.threadTs !== null && isObject(message) && message.thread_ts !== row.threadTs;

/** What landed in the channel is deleted, and the thread posted again below a new root. */
async function threadIsGone(projection: Projection, row: MessageRow, landed: string): Promise<Next> {
  const { engine, memory } = projection;
  const { pool } = engine.journal;
  engine.log.warn({ message: keyOf(row) }, 'a thread’s root is gone from Slack; the thread is posted again');
  await noteUnwanted(pool, row.channel, landed);
  await notPosted(pool, row.id);
  memory.notPosted(row);
  if (!memory.mayPostAgain(row)) return later(pool, row, 'its thread was posted again a moment ago');
  await postAgain(pool, { ...row, slot: row.parent ?? row.slot }, 'thread');
  return AGAIN;
}
