/** One HTTP exchange: bounded in time, size and redirects, on a connection of its own that never stays. */
import { Agent, type Dispatcher, request } from 'undici';
import { tooMuch } from './guarded-socket.ts';
import { codeOf, networkError } from './network-error.ts';
import { TargetError } from './target-error.ts';

export interface HttpAsk {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Bytes of the answer's body that are read. */
  readonly maxBytes: number;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A unix socket to connect to instead of the URL's host. */
  readonly socketPath?: string;
  /** How many redirects to the same origin are followed; 0: none, the redirect is the answer. */
  readonly redirects?: number;
  /** Statuses that are the answer even where they are redirects. */
  readonly final?: readonly number[];
  /** What a longer body means: an error (the default), or that its beginning is enough. */
  readonly longer?: 'refuse' | 'cut';
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly redirects: number;
}

const MAX_HEADER_BYTES = 65_536;

/**
 * Credentials in the URL become basic authentication, for that origin alone. Throws a TargetError when there is
 * no whole answer; any status is an answer.
 */
export async function askHttp(url: string, ask: HttpAsk): Promise<HttpAnswer> {
  const agent = new Agent({
    // `signal` reaches net.connect and tls.connect: a connection that is being made ends too.
    connect: connectOptions(ask),
    connections: 1,
    pipelining: 1,
    headersTimeout: ask.timeoutMs,
    bodyTimeout: ask.timeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  try {
    return await follow(new URL(url), ask, agent);
  } catch (error) {
    ask.signal.throwIfAborted();
    throw spoken(error);
  } finally {
    await agent.destroy().catch(() => undefined);
  }
}

function connectOptions(ask: HttpAsk): object {
  const path = ask.socketPath === undefined ? {} : { socketPath: ask.socketPath };
  return { signal: ask.signal, timeout: ask.timeoutMs, ...path };
}

async function follow(first: URL, ask: HttpAsk, agent: Agent): Promise<HttpAnswer> {
  const most = ask.redirects ?? 0;
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await request(plainUrl(url), {
      dispatcher: agent,
      method: ask.method ?? 'GET',
      signal: ask.signal,
      headers: { 'user-agent': 'pageturner', ...credentials(first, url), ...ask.headers },
      ...(ask.body === undefined ? {} : { body: ask.body }),
    });
    const next = most === 0 || ask.final?.includes(answer.statusCode) ? null : location(answer, url);
    if (next === null) {
      const body = await readBody(answer.body, ask);
      return { status: answer.statusCode, headers: answer.headers, body, redirects };
    }
    // Read rather than dropped, since a dropped body is an abort of its connection; an error is of no interest.
    await answer.body.dump({ limit: ask.maxBytes, signal: ask.signal });
    if (redirects >= most) throw new TargetError('down', `redirects more than ${most} times`);
    // Elsewhere is another service: what it answers says nothing of this one, and it may be none of ours to ask.
    if (next.origin !== first.origin) throw new TargetError('degraded', `redirects to ${next.origin}`);
    url = next;
  }
}

function location(answer: Dispatcher.ResponseData, from: URL): URL | null {
  const to = answer.headers.location;
  if (answer.statusCode < 300 || answer.statusCode > 399 || typeof to !== 'string') return null;
  const next = URL.canParse(to, from.href) ? new URL(to, from.href) : null;
  if (next?.protocol === 'http:' || next?.protocol === 'https:') return next;
  throw new TargetError('down', 'redirects to an address that is not HTTP');
}

async function readBody(body: AsyncIterable<Buffer>, ask: HttpAsk): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes <= ask.maxBytes) continue;
    if (ask.longer === 'cut') break;
    throw tooMuch(ask.maxBytes);
  }
  return Buffer.concat(parts).subarray(0, ask.maxBytes);
}

function credentials(first: URL, url: URL): Readonly<Record<string, string>> {
  if (url.origin !== first.origin || (first.username === '' && first.password === '')) return {};
  const pair = `${decodeURIComponent(first.username)}:${decodeURIComponent(first.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function plainUrl(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** undici's parser says HPE_…; an answer in another protocol is one it can't read. */
function spoken(error: unknown): unknown {
  const code = codeOf(error);
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return new TargetError('down', 'does not speak HTTP', { cause: error });
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return new TargetError('down', 'wrong answer: not as long as it says', { cause: error });
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new TargetError('down', 'wrong answer: headers without end');
  return networkError(error) ?? error;
}
