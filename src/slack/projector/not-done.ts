/** What follows when Slack did not take a message: by the kind of its refusal. */
import { closeMessage, giveUp, type MessageRow, postAgain, tryLater } from '../../journal/messages.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { hidePicture } from '../../journal/pictures.ts';
import type { Rendered } from '../blocks.ts';
import { kindOfRefusal } from '../refusals.ts';
import type { SlackAnswer } from '../slack-client.ts';
import { keyOf, type Projection } from './projection.ts';
import { pictureIn } from './say-or-plainer.ts';
import { whereToAsk } from './where-to-ask.ts';

/** What the channel's loop should do next. */
export type Next =
  | { readonly kind: 'on' }
  /** The thread is posted again: what was read of its messages is out of date. */
  | { readonly kind: 'again' }
  /** This message is tried again after that long; the others go on. */
  | { readonly kind: 'later'; readonly ms: number }
  /** The channel's own pace says wait. */
  | { readonly kind: 'blocked'; readonly ms: number }
  /** Slack says wait, with calls of this kind. */
  | { readonly kind: 'limited'; readonly ms: number };

export const ON: Next = { kind: 'on' };
export const AGAIN: Next = { kind: 'again' };
/** Doubled after each failure, up to the bound: a thread is right again within seconds of Slack's return. */
const BACKOFF_MIN_MS = 500;
const LOST_MAX_MS = 2000;
/** Of a refusal: somebody has to do something first, or a limit of the workspace to pass. */
const REFUSED_MAX_MS = 10_000;

export async function notDone(
  projection: Projection,
  row: MessageRow,
  shown: Rendered,
  answer: SlackAnswer,
): Promise<Next> {
  const { pool } = projection.engine.journal;
  switch (answer.kind) {
    case 'limited':
      return { kind: 'limited', ms: Math.max(answer.retryAfterMs, 1000) };
    case 'refused':
      return refused(projection, row, shown, answer);
    case 'lost':
      projection.report(row, `Slack does not answer: ${briefly(answer.why)}`);
      return later(pool, row, answer.why);
    case 'ok':
      return later(pool, row, 'Slack’s answer has no ts');
    default:
      return answer satisfies never;
  }
}

/** For `/readyz`, which names no address: the status or the error's code. */
const briefly = (why: string): string =>
  /HTTP \d{3}|\b(?:UND_ERR_[A-Z_]+|E[A-Z]{3,})\b|[a-z]+_(?:error|unavailable|timeout)/u.exec(why)?.[0] ??
  'no answer';

async function refused(
  projection: Projection,
  row: MessageRow,
  shown: Rendered,
  answer: SlackAnswer & { readonly kind: 'refused' },
): Promise<Next> {
  const { engine, report } = projection;
  const { pool } = engine.journal;
  const { error, details } = answer;
  if (await doWithoutPicture(projection, row, shown, error)) return ON;
  const why = `Slack refuses ${keyOf(row)}: ${error}${details.length > 0 ? ` (${details.join('; ')})` : ''}`;
  engine.log.error({ message: keyOf(row), error, details }, 'Slack refused a message');
  const kind = kindOfRefusal(error);
  switch (kind) {
    case 'never':
      report(row, why);
      await giveUp(pool, row, why);
      return ON;
    case 'gone':
      await postAgain(pool, { ...row, slot: row.parent ?? row.slot }, 'thread');
      return AGAIN;
    case 'not here':
      if (isAnswer(row)) return tellAsker(projection, row, error);
      report(row, `${error} for ${row.channel}`);
      return later(pool, row, why, REFUSED_MAX_MS);
    case 'not now':
      report(row, `${error} for ${row.channel}`);
      return later(pool, row, why, REFUSED_MAX_MS);
    default:
      return kind satisfies never;
  }
}

/** What somebody asked for in a channel of their own choice; everything else belongs where it is. */
const isAnswer = (row: MessageRow): boolean => row.surface === 'health' || row.surface === 'lookup';

/** The channel takes no message of the bot: whoever asked is told what to do, and the message is closed. */
async function tellAsker(projection: Projection, row: MessageRow, error: string): Promise<Next> {
  const { engine, answer } = projection;
  if (row.answerUrl !== null)
    await answer(
      { person: '', channel: row.channel, threadTs: null, responseUrl: row.answerUrl },
      whereToAsk(error, row.channel, engine.settings.opsChannel),
    );
  projection.report(row, null);
  await closeMessage(engine.journal.pool, row, error);
  return ON;
}

/** A file that Slack is not ready to show keeps no text waiting: the message goes without, and gets it later. */
async function doWithoutPicture(
  { engine }: Projection,
  row: MessageRow,
  shown: Rendered,
  error: string,
): Promise<boolean> {
  const file = pictureIn(shown);
  if (error !== 'invalid_blocks' || file === null) return false;
  engine.log.info({ message: keyOf(row), file }, 'Slack does not show a picture yet');
  return hidePicture(engine.journal.pool, row, file);
}

export async function later(
  pool: Tx,
  row: MessageRow,
  why: string,
  mostMs: number = LOST_MAX_MS,
): Promise<Next> {
  const ms = Math.min(mostMs, BACKOFF_MIN_MS * 2 ** Math.min(row.tries, 6));
  await tryLater(pool, row.id, ms, why);
  return { kind: 'later', ms };
}
