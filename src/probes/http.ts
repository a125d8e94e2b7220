/** Asks an HTTP address and looks at the status, the answer and the time it took. */
import { z } from 'zod';
import { askHttp, type HttpAnswer } from '../clients/http.ts';
import { parseJson, under } from '../clients/http-json.ts';
import { refusedCredentials, TargetError, wrongAnswer } from '../clients/target-error.ts';
import type { Facts } from '../domain/probe.ts';
import { oneLine } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const MAX_REDIRECTS = 3;
const MAX_BODY_BYTES = 1_048_576;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const settings = z.strictObject({
  /** Joined to the target's address. */
  path: z.string().startsWith('/').max(2000).default('/'),
  method: z.enum(['GET', 'HEAD']).default('GET'),
  status: z.array(z.int().min(100).max(599)).min(1).default([200]),
  /** What the answer says: the whole of it, or the value of its key `status`. */
  body: z.string().min(1).max(1000).optional(),
  /** Texts that a good answer has somewhere; without one of them it is degraded. For a page of metrics: their names. */
  contains: z.array(z.string().min(1).max(200)).max(50).optional(),
  /** Keys of the answer (`status`, or `data.status` for one further in) and what each must be. */
  json: z.record(z.string(), scalar).optional(),
  /** Milliseconds, past which it is degraded. */
  maxLatencyMs: z.int().positive().optional(),
  maxBytes: z
    .int()
    .min(1)
    .max(16 * MAX_BODY_BYTES)
    .default(MAX_BODY_BYTES),
});
type HttpSettings = z.output<typeof settings>;

export const http = probeKind<HttpSettings>({
  name: 'http',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: {
    status: { type: 'number' },
    body: { type: 'text' },
    latency_ms: { type: 'number', unit: 'ms' },
    bytes: { type: 'number', unit: 'bytes' },
    redirects: { type: 'number' },
  },
  async probe(target, asked, { signal, timeoutMs }) {
    const started = performance.now();
    const answer = await askHttp(under(addressOf(target), asked.path), {
      signal,
      timeoutMs,
      method: asked.method,
      maxBytes: asked.maxBytes,
      redirects: MAX_REDIRECTS,
      final: asked.status,
    });
    const latency = Math.round(performance.now() - started);
    checkStatus(answer.status, asked.status);
    const body = answer.body.toString('utf8').trim();
    checkBody(body, asked);
    const facts = learnt(answer, body, latency);
    const lacks = asked.contains?.filter((text) => !body.includes(text)) ?? [];
    // Where another status is good too, such as 404 for what may be absent, there is nothing to look through.
    if (lacks.length > 0 && answer.status < 300)
      return degraded(`answers without ${oneLine(lacks.join(', '), 150)}`, facts);
    const slow = asked.maxLatencyMs !== undefined && latency > asked.maxLatencyMs;
    return slow ? degraded(`took ${latency} ms, more than ${asked.maxLatencyMs} ms`, facts) : up(facts);
  },
});

function learnt(answer: HttpAnswer, body: string, latency: number): Facts {
  const { status, redirects } = answer;
  return { status, body: body.slice(0, 200), latency_ms: latency, bytes: answer.body.length, redirects };
}

function checkStatus(status: number, good: readonly number[]): void {
  if (good.includes(status)) return;
  if (status === 401 || status === 403) throw refusedCredentials(`HTTP ${status}`);
  if (status === 429) throw new TargetError('degraded', 'answers, but limits the rate (HTTP 429)');
  throw new TargetError('down', `HTTP ${status}`);
}

function checkBody(body: string, asked: HttpSettings): void {
  if (asked.body !== undefined && !says(body, asked.body)) throw wrongAnswer(body);
  if (asked.json === undefined) return;
  const answer = parseJson(body);
  for (const [key, wanted] of Object.entries(asked.json)) {
    const value = isRecord(answer) ? at(answer, key) : undefined;
    if (value !== wanted) throw wrongAnswer(body);
  }
}

/** `healthy`, `"healthy"` and `{"status":"healthy"}` say healthy; `unhealthy` does not. */
function says(body: string, wanted: string): boolean {
  if (body === wanted) return true;
  const answer = parseJson(body);
  return answer === wanted || (isRecord(answer) && at(answer, 'status') === wanted);
}

function at(record: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(record, key)) return record[key];
  let value: unknown = record;
  for (const part of key.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? read(value, part)
        : undefined;
  }
  return value;
}

const read = (value: object, key: string): unknown => Reflect.get(value, key);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
