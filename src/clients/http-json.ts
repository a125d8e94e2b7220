/** Answers of HTTP APIs, parsed at the edge. */
import type { ZodType } from 'zod';
import { askHttp, type HttpAsk } from './http.ts';
import { refusedCredentials, TargetError, wrongAnswer } from './target-error.ts';

/** Joins a base address, which may have a path, credentials and a query, with an absolute path. */
export function under(base: string, path: string): string {
  const url = new URL(base);
  const [pathname = '', query] = path.split(/\?(.*)/su);
  url.pathname = `${url.pathname.replace(/\/+$/u, '')}${pathname}`;
  if (query !== undefined) url.search = query;
  return url.href;
}

/** Throws a TargetError for a status that isn't a success. */
export function checkStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 401 || status === 403) throw refusedCredentials(`HTTP ${status}`);
  if (status === 429) throw new TargetError('degraded', 'answers, but limits the rate (HTTP 429)');
  throw new TargetError('down', `HTTP ${status}`);
}

/** Throws a TargetError when the answer is not a success or not of that form. */
export async function askJson<T>(url: string, schema: ZodType<T>, ask: HttpAsk): Promise<T> {
  const answer = await askHttp(url, ask);
  const text = answer.body.toString('utf8');
  checkStatus(answer.status);
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw wrongAnswer(text, parsed.error);
  return parsed.data;
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
