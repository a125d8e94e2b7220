/** Calls to Slack's Web API, each ending in one of four ways that the projector tells apart. Nothing is retried here. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import type { Redact } from '../domain/redact.ts';

export interface SlackData {
  readonly [field: string]: unknown;
  readonly response_metadata?: { readonly next_cursor?: string };
}

export type SlackAnswer =
  | { readonly kind: 'ok'; readonly data: SlackData }
  /** Not done; not to be asked before so many milliseconds. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Not done: Slack says why. */
  | { readonly kind: 'refused'; readonly error: string; readonly details: readonly string[] }
  /** Nobody knows whether it was done. */
  | { readonly kind: 'lost'; readonly why: string };

export interface SlackPort {
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<SlackAnswer>;
}

const TIMEOUT_MS = 10_000;

export function createSlackPort(options: {
  readonly token: string;
  readonly apiUrl: string | null;
  readonly redact: Redact;
}): SlackPort {
  const silent = {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    getLevel: () => 'error' as never,
    setName() {},
  };
  const client = new WebClient(options.token, {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    logger: silent,
    ...(options.apiUrl === null
      ? {}
      : { slackApiUrl: options.apiUrl.endsWith('/') ? options.apiUrl : `${options.apiUrl}/` }),
  });
  const limitedUntil = new Map<string, number>();
  return {
    async call(method, args) {
      const waitMs = (limitedUntil.get(method) ?? 0) - performance.now();
      if (waitMs > 0) return { kind: 'limited', retryAfterMs: waitMs };
      const answer = await send(method, args);
      // Posts are limited by channel, which the projector's pace keeps apart.
      if (answer.kind === 'limited' && method !== 'chat.postMessage')
        limitedUntil.set(method, performance.now() + answer.retryAfterMs);
      return answer;
    },
  };

  async function send(method: string, args: Readonly<Record<string, unknown>>): Promise<SlackAnswer> {
    try {
      const data: object = await client.apiCall(method, options.redact({ ...args }));
      return { kind: 'ok', data: data as SlackData };
    } catch (error) {
      return classify(error);
    }
  }
}

function classify(error: unknown): Exclude<SlackAnswer, { kind: 'ok' }> {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'limited', retryAfterMs: error.retryAfter * 1000 };
  if (error instanceof WebAPIPlatformError) {
    const { error: code, response_metadata: metadata } = error.data;
    if (code === 'ratelimited' || code === 'rate_limited') return { kind: 'limited', retryAfterMs: 1000 };
    if (
      code === 'internal_error' ||
      code === 'fatal_error' ||
      code === 'service_unavailable' ||
      code === 'request_timeout'
    ) {
      return { kind: 'lost', why: code };
    }
    return { kind: 'refused', error: code, details: metadata?.messages ?? [] };
  }
  if (error instanceof WebAPIHTTPError) return { kind: 'lost', why: `HTTP ${error.statusCode}` };
  return { kind: 'lost', why: error instanceof Error ? error.message : String(error) };
}
