/** A text as a file in a thread: Slack's three calls (docs.slack.dev, "files.getUploadURLExternal"). */
import { request } from 'undici';
import type { SlackAnswer, SlackPort } from './slack-client.ts';

const TIMEOUT_MS = 30_000;

export interface TextUpload {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/** Slack's answer to the last of the calls that was made; `ok` once the file is shared. */
export async function uploadText(slack: SlackPort, upload: TextUpload): Promise<SlackAnswer> {
  const body = Buffer.from(upload.text === '' ? '\n' : upload.text);
  const asked = await slack.call('files.getUploadURLExternal', {
    filename: upload.name,
    length: body.length,
  });
  if (asked.kind !== 'ok') return asked;
  const { upload_url: url, file_id: id } = asked.data;
  if (typeof url !== 'string' || typeof id !== 'string')
    return { kind: 'lost', why: 'Slack gave no address to upload to' };
  const sent = await send(url, body);
  if (sent !== null) return { kind: 'lost', why: sent };
  return slack.call('files.completeUploadExternal', {
    files: [{ id, title: upload.title }],
    channel_id: upload.channel,
    ...(upload.threadTs === null ? {} : { thread_ts: upload.threadTs }),
  });
}

/** Null: it was taken. */
async function send(url: string, body: Buffer): Promise<string | null> {
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body.dump();
    return answer.statusCode === 200 ? null : `the upload was answered with HTTP ${answer.statusCode}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
