/** `POST /alertmanager`: 200 once the alerts are in the journal, and not before. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebhookCredentials } from '../config.ts';
import type { Engine } from '../engine/core/engine.ts';
import { keepProblem } from '../engine/intake/keep-problem.ts';
import { createIntake } from '../engine/intake/take-groups.ts';
import { isUnholdable } from '../journal/open-journal.ts';
import { parseAlertmanagerBody } from './alertmanager-body.ts';
import { unwrapSns } from './alerts/sns-envelope.ts';
import { readBody } from './read-body.ts';

/** In dead letters and notices. */
const SOURCE = 'Alertmanager webhook';
export const MAX_BYTES = 32 * 1024 * 1024;

const notJournalled = (engine: Engine): string =>
  `not journalled, try again${engine.journal.writes.last() === null ? '' : `: the journal can’t write, ${engine.journal.writes.last()}`}`;

export interface WebhookCounts {
  readonly count: (status: number) => void;
}

/** Amazon's topics that may send here, and how a subscription of theirs is confirmed. */
export interface SnsTopics {
  readonly topics: readonly string[];
  /** @throws when it can't be. */
  readonly confirm: (url: string) => Promise<void>;
}

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Compared in constant time, whatever the lengths. */
export function createAuthorised({
  token,
  basic,
}: WebhookCredentials): (header: string | undefined) => boolean {
  const wanted = [
    ...(token === null ? [] : [`Bearer ${token}`]),
    ...(basic === null ? [] : [`Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`]),
  ].map(digest);
  return (header) => {
    const given = digest(header ?? '');
    return wanted.some((one) => timingSafeEqual(one, given));
  };
}

export function createAlertmanagerWebhook(
  engine: Engine,
  credentials: WebhookCredentials,
  counts: WebhookCounts,
  sns: SnsTopics = { topics: [], confirm: async () => undefined },
) {
  const intake = createIntake(engine);
  const isAuthorised = createAuthorised(credentials);
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const answer = (status: number, message: string, headers: Record<string, string> = {}): void => {
      counts.count(status);
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(JSON.stringify(status === 200 ? { ok: true } : { ok: false, error: message }));
    };
    if (req.method !== 'POST') return answer(405, 'only POST', { allow: 'POST' });
    if (!isAuthorised(req.headers.authorization)) {
      req.resume();
      return answer(401, 'wrong or missing credentials: check ALERTMANAGER_WEBHOOK_TOKEN on both sides', {
        'www-authenticate': 'Bearer',
      });
    }
    const body = await readBody(req, MAX_BYTES);
    if ('problem' in body) {
      if (body.problem === 'too large')
        return answer(413, `the body is over ${MAX_BYTES} bytes`, { connection: 'close' });
      return refuse(`the body is ${body.problem}`, '');
    }
    const unwrapped = unwrapSns(body.text, sns.topics);
    switch (unwrapped.kind) {
      case 'done':
        return answer(200, '');
      case 'refused':
        return refuse(unwrapped.why, body.text);
      case 'confirm':
        return confirm(unwrapped.url);
      case 'body':
        return take(unwrapped.text);
      default:
        return unwrapped satisfies never;
    }

    async function take(text: string): Promise<void> {
      const parsed = parseAlertmanagerBody(text);
      if ('problem' in parsed) return refuse(parsed.problem, text);
      try {
        await intake(parsed.group);
        if (parsed.lost !== null) await keepProblem(engine, SOURCE, parsed.lost, text);
        answer(200, '');
      } catch (error) {
        engine.log.error(
          { err: error },
          'alerts could not be journalled; Alertmanager is asked to try again',
        );
        // It would be refused again for ever.
        if (isUnholdable(error)) return refuse('the body: the journal can’t hold it', text);
        answer(503, notJournalled(engine), { 'retry-after': '1' });
      }
    }

    async function confirm(url: string): Promise<void> {
      try {
        await sns.confirm(url);
        answer(200, '');
      } catch (error) {
        engine.log.error({ err: error }, 'a subscription of SNS could not be confirmed; SNS asks again');
        answer(503, 'the subscription could not be confirmed', { 'retry-after': '1' });
      }
    }

    async function refuse(problem: string, text: string): Promise<void> {
      try {
        await keepProblem(engine, SOURCE, problem, text);
        answer(400, problem);
      } catch (error) {
        engine.log.error({ err: error, problem }, 'a malformed webhook could not be kept');
        answer(503, notJournalled(engine), { 'retry-after': '1' });
      }
    }
  };
}
