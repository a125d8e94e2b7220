/** Answers one person alone: by the interaction's response URL, else by an ephemeral message in the channel. */

import type { Logger } from 'pino';
import { request } from 'undici';
import type { Redact } from '../domain/redact.ts';
import { cut } from '../domain/text.ts';
import type { SlackPort } from './slack-client.ts';

export interface Asker {
  readonly person: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly responseUrl: string | null;
}

const TIMEOUT_MS = 3000;
/** Slack takes 40,000 characters of text in a message without blocks. */
const LONGEST = 39_000;

export type AnswerPerson = (asker: Asker, text: string) => Promise<void>;

/** Never throws: an answer that can't be given is logged. */
export function createAnswerPerson(deps: {
  readonly slack: SlackPort;
  readonly redact: Redact;
  readonly log: Logger;
}): AnswerPerson {
  return async (asker, text) => {
    const said = deps.redact(cut(text, LONGEST));
    if (asker.responseUrl !== null && (await byUrl(asker.responseUrl, asker.threadTs, said))) return;
    const answer = await deps.slack.call('chat.postEphemeral', {
      channel: asker.channel,
      user: asker.person,
      text: said,
      ...(asker.threadTs === null ? {} : { thread_ts: asker.threadTs }),
    });
    if (answer.kind !== 'ok')
      deps.log.warn({ answer, person: asker.person }, 'an answer did not reach its person');
  };
}

/** Without `thread_ts` the answer to a click in a thread would show in the channel (docs.slack.dev, "Handling user interaction"). */
async function byUrl(url: string, threadTs: string | null, text: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        text,
        ...(threadTs === null ? {} : { thread_ts: threadTs }),
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await body.dump();
    return statusCode >= 200 && statusCode < 300;
  } catch {
    return false;
  }
}
