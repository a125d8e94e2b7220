/**
 * A file in Slack: an address to upload to, the bytes, then its completion (docs.slack.dev, "files.getUploadURLExternal",
 * "files.completeUploadExternal"). Without a channel nobody sees it until a message's block names it.
 */
import { request } from 'undici';
import type { SlackAnswer, SlackPort } from './slack-client.ts';

const SEND_MS = 15_000;
/** Slack's own text for a file has no bound that its pages name; ours are far below what it takes. */
const LONGEST_TITLE = 200;

export interface Upload {
  readonly name: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  /** Said to those who can't see it. */
  readonly alt?: string;
  /** Shared there at once; left out: shared by the block that will name it. */
  readonly share?: {
    /** An id, not a name. */
    readonly channel: string;
    readonly threadTs: string | null;
    readonly comment: string;
  };
}

export type Uploaded =
  | { readonly kind: 'ok'; readonly fileId: string }
  /** Worth another try, not before so many milliseconds. Nothing was shared, or nobody knows. */
  | { readonly kind: 'later'; readonly why: string; readonly inMs: number }
  /** Slack will not have it. */
  | { readonly kind: 'refused'; readonly why: string };

/** Nothing is retried here. What is uploaded must have passed redaction: bytes are not looked into. */
export async function uploadFile(slack: SlackPort, upload: Upload): Promise<Uploaded> {
  const asked = await slack.call('files.getUploadURLExternal', {
    filename: upload.name,
    length: upload.bytes.byteLength,
    ...(upload.alt === undefined ? {} : { alt_txt: upload.alt }),
  });
  if (asked.kind !== 'ok') return notDone(asked);
  const { upload_url: url, file_id: fileId } = asked.data;
  if (typeof url !== 'string' || typeof fileId !== 'string')
    return { kind: 'later', why: 'Slack’s answer has no address to upload to', inMs: 0 };
  const problem = await send(url, upload.bytes);
  if (problem !== null) return { kind: 'later', why: problem, inMs: 0 };
  const { share } = upload;
  const completed = await slack.call('files.completeUploadExternal', {
    files: [{ id: fileId, title: upload.title.slice(0, LONGEST_TITLE) }],
    ...(share === undefined ? {} : { channel_id: share.channel, initial_comment: share.comment }),
    ...(share === undefined || share.threadTs === null ? {} : { thread_ts: share.threadTs }),
  });
  return completed.kind === 'ok' ? { kind: 'ok', fileId } : notDone(completed);
}

function notDone(answer: Exclude<SlackAnswer, { kind: 'ok' }>): Uploaded {
  switch (answer.kind) {
    case 'limited':
      return { kind: 'later', why: 'Slack says to wait', inMs: answer.retryAfterMs };
    case 'lost':
      return { kind: 'later', why: answer.why, inMs: 0 };
    case 'refused':
      return { kind: 'refused', why: answer.error };
    default:
      return answer satisfies never;
  }
}

/** Null: sent. */
async function send(url: string, bytes: Uint8Array): Promise<string | null> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      signal: AbortSignal.timeout(SEND_MS),
    });
    await body.dump();
    return statusCode === 200 ? null : `the upload was answered with HTTP ${statusCode}`;
  } catch (error) {
    return `the upload failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
