/** Alertmanager's webhook, version 4 (prometheus.io/docs/alerting/latest/configuration/#webhook_config). */
import { z } from 'zod';
import type { AlertGroup } from '../domain/receive.ts';
import { cut, plain } from '../domain/text.ts';

/** Kept of a label or annotation; what is longer is cut with an ellipsis. */
const LONGEST_VALUE = 4096;
/** Go's zero time: "not ended". */
const ZERO_TIME = '0001-01-01T00:00:00Z';

const text = z.string().transform((value) => cut(plain(value), LONGEST_VALUE));
const labels = z.record(z.string().max(1024), text);
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is not an RFC 3339 time');

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  startsAt: time,
  endsAt: time.default(ZERO_TIME),
  generatorURL: text.default(''),
  fingerprint: z.string().min(1).max(256),
});

const body = z.object({
  version: z.literal('4'),
  groupKey: z.string().min(1).max(65_536),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string().default(''),
  truncatedAlerts: z.number().int().nonnegative().default(0),
  groupLabels: labels.default({}),
  commonLabels: labels.default({}),
  commonAnnotations: labels.default({}),
  externalURL: text.default(''),
  alerts: z.array(alert).min(1).max(100_000),
});

export type ParsedBody = { readonly group: AlertGroup } | { readonly problem: string };

/** The problem names the place: a JSON position, or the path of the field. */
export function parseAlertmanagerBody(raw: string): ParsedBody {
  if (raw.trim() === '') return { problem: 'the body is empty; expected Alertmanager’s webhook JSON' };
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch (error) {
    return { problem: `the body is not JSON: ${describeSyntaxError(error, raw)}` };
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${pathOf(issue?.path ?? [])}: ${issue?.message ?? 'is not valid'}` };
  }
  const { data } = parsed;
  return {
    group: {
      groupKey: data.groupKey,
      commonLabels: data.commonLabels,
      commonAnnotations: data.commonAnnotations,
      externalUrl: data.externalURL,
      truncated: data.truncatedAlerts,
      alerts: data.alerts.map((entry) => ({
        fingerprint: entry.fingerprint,
        status: entry.status,
        labels: entry.labels,
        annotations: entry.annotations,
        startsAt: new Date(entry.startsAt).toISOString(),
        endsAt:
          entry.status === 'resolved' && entry.endsAt !== ZERO_TIME
            ? new Date(entry.endsAt).toISOString()
            : null,
        generatorUrl: entry.generatorURL,
      })),
    },
  };
}

/** `alerts[3].labels.service` */
function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the body';
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

const TOKEN =
  /\s*(?:[{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

/** Where the first thing stands that is no JSON token: V8 doesn't always say. */
function firstStrangeText(raw: string): number {
  TOKEN.lastIndex = 0;
  let end = 0;
  while (TOKEN.test(raw)) end = TOKEN.lastIndex;
  return end + (/^\s*/u.exec(raw.slice(end))?.[0].length ?? 0);
}

function describeSyntaxError(error: unknown, raw: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/end of JSON|Unterminated/iu.test(message)) return `it is cut off at position ${raw.length}`;
  const position = Number(/position (\d+)/u.exec(message)?.[1] ?? firstStrangeText(raw));
  return position >= raw.length
    ? `it is cut off at position ${raw.length}`
    : `unexpected text at position ${position} of ${raw.length}`;
}
