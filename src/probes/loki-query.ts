/** The last log lines that a LogQL query finds, bounded in time, number and size. */
import { z } from 'zod';
import { askHttp } from '../clients/http.ts';
import { checkStatus, parseJson, under } from '../clients/http-json.ts';
import { TargetError, wrongAnswer } from '../clients/target-error.ts';
import { cut, plain } from '../domain/text.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

const MAX_ANSWER_BYTES = 4_194_304;
const LINE = 500;

const settings = z.strictObject({
  /** LogQL: `{stream="audit"}`. */
  query: z.string().min(1).max(4000),
  lines: z.int().min(1).max(500).default(50),
  /** How far back. */
  minutes: z.int().min(1).max(10_080).default(60),
});

/** grafana.com, "Loki HTTP API", `GET /loki/api/v1/query_range`: streams of logs, or series of numbers. */
const answer = z.object({
  data: z.object({
    resultType: z.enum(['streams', 'matrix', 'vector']),
    result: z.array(
      z.object({
        stream: z.record(z.string(), z.string()).optional(),
        values: z
          .array(z.tuple([z.union([z.string(), z.number()]), z.string()]).rest(z.unknown()))
          .default([]),
      }),
    ),
  }),
});

export const lokiQuery = probeKind<z.output<typeof settings>>({
  name: 'loki.query',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: { lines: { type: 'number' }, streams: { type: 'number' }, newest: { type: 'text' } },
  async probe(target, { query, lines, minutes }, { signal, timeoutMs }) {
    const parameters = new URLSearchParams({
      query,
      limit: String(lines),
      since: `${minutes}m`,
      direction: 'backward',
    });
    const url = under(addressOf(target), `/loki/api/v1/query_range?${parameters.toString()}`);
    const { status, body } = await askHttp(url, { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
    const text = body.toString('utf8');
    if (status === 400) throw new TargetError('unknown', `the query failed: ${cut(text, 120)}`);
    checkStatus(status);
    const parsed = answer.safeParse(parseJson(text));
    if (!parsed.success) throw wrongAnswer(text, parsed.error);
    const { result } = parsed.data.data;
    const found = result.flatMap(({ values }) =>
      values.map(([time, line]) => ({ time: timeOf(time), line })),
    );
    found.sort((a, b) => a.time.localeCompare(b.time));
    const shown = found
      .slice(-lines)
      .map(({ time, line }) => `${time} ${cut(plain(line).replaceAll('\n', ' '), LINE)}`);
    const facts = { lines: found.length, streams: result.length, newest: found.at(-1)?.time ?? null };
    return up(facts, shown.length === 0 ? 'no lines' : shown.join('\n'));
  },
});

/** Logs have nanoseconds as text, numbers have seconds. */
function timeOf(time: string | number): string {
  const ms = typeof time === 'string' ? Number(time) / 1e6 : time * 1000;
  return Number.isFinite(ms) && Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : '';
}
