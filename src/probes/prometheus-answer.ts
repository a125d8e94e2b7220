/** Answers of Prometheus's HTTP API (prometheus.io, "HTTP API"): a status, then data or an error. */
import { type ZodType, z } from 'zod';
import { askHttp } from '../clients/http.ts';
import { checkStatus, parseJson, under } from '../clients/http-json.ts';
import { TargetError, wrongAnswer } from '../clients/target-error.ts';
import type { ProbeContext } from '../domain/probe.ts';

const MAX_ANSWER_BYTES = 4_194_304;
const failure = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

export async function askPrometheus<T>(
  base: string,
  path: string,
  data: ZodType<T>,
  { signal, timeoutMs }: ProbeContext,
): Promise<T> {
  const answer = await askHttp(under(base, path), { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  const text = answer.body.toString('utf8');
  const body = parseJson(text);
  const refused = failure.safeParse(body);
  // A query that is wrong says nothing about the server that says so.
  if (refused.success) throw new TargetError('unknown', `the query failed: ${refused.data.error}`);
  checkStatus(answer.status);
  const parsed = z.object({ status: z.literal('success'), data }).safeParse(body);
  if (!parsed.success) throw wrongAnswer(text, parsed.error);
  return parsed.data.data;
}
