/** Silences of an Alertmanager, over its API v2 (prometheus/alertmanager, api/v2/openapi.yaml). */
import { z } from 'zod';
import type { Matcher } from '../domain/runbook.ts';
import { cut } from '../domain/text.ts';
import { askHttp, type HttpAnswer, type HttpAsk } from './http.ts';
import { checkStatus, parseJson, under } from './http-json.ts';
import { TargetError, wrongAnswer } from './target-error.ts';

export interface AlertmanagerBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
}

export interface NewSilence {
  readonly matchers: readonly Matcher[];
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Silence extends NewSilence {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
}

const MAX_ANSWER_BYTES = 4 * 1_048_576;

const matcherAnswer = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  /** Absent before Alertmanager 0.22, which knew no other. */
  isEqual: z.boolean().default(true),
});
const silenceAnswer = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  matchers: z.array(matcherAnswer),
  startsAt: z.coerce.date(),
  endsAt: z.coerce.date(),
  createdBy: z.string(),
  comment: z.string(),
});
const created = z.object({ silenceID: z.string().min(1) });
const alertsAnswer = z.array(z.object({ labels: z.record(z.string(), z.string()) }));
const statusAnswer = z.object({
  cluster: z.object({ name: z.string().nullish() }).nullish(),
  versionInfo: z.object({ version: z.string() }),
});

/**
 * Makes a silence and returns its id. `base`: the Alertmanager's address; credentials in it become basic
 * authentication. Throws a TargetError, also when Alertmanager refuses it; `neverSent` tells whether a lost one may
 * have been made all the same.
 */
export async function createSilence(
  base: string,
  silence: NewSilence,
  bounds: AlertmanagerBounds,
): Promise<string> {
  const { startsAt, endsAt, createdBy, comment } = silence;
  const matchers = silence.matchers.map(({ label, op, value }) => ({
    name: label,
    value,
    isRegex: op === '=~' || op === '!~',
    isEqual: op === '=' || op === '=~',
  }));
  const body = JSON.stringify({ matchers, startsAt, endsAt, createdBy, comment });
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(base, '/api/v2/silences', bounds, { method: 'POST', headers, body });
  return parsed(answer, created).silenceID;
}

/** Ends a silence now. `gone`: there is none of that id, or it had ended already. Throws a TargetError. */
export async function expireSilence(
  base: string,
  id: string,
  bounds: AlertmanagerBounds,
): Promise<'expired' | 'gone'> {
  const path = `/api/v2/silence/${encodeURIComponent(id)}`;
  const found = await ask(base, path, bounds, {});
  if (found.status === 404 || parsed(found, silenceAnswer).status.state === 'expired') return 'gone';
  const answer = await ask(base, path, bounds, { method: 'DELETE' });
  if (answer.status === 404) return 'gone';
  said(answer);
  return 'expired';
}

/** All that it knows, those that have ended lately included. Throws a TargetError. */
export async function listSilences(base: string, bounds: AlertmanagerBounds): Promise<readonly Silence[]> {
  const answer = await ask(base, '/api/v2/silences', bounds, {});
  return parsed(answer, z.array(silenceAnswer)).map(({ status, matchers, ...silence }) => ({
    ...silence,
    state: status.state,
    matchers: matchers.map(({ name, value, isRegex, isEqual }) => ({
      label: name,
      value,
      op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=',
    })),
  }));
}

/** Which Alertmanager it is: its cluster's name (null: it runs alone) and version. Throws a TargetError. */
export async function readAlertmanager(
  base: string,
  bounds: AlertmanagerBounds,
): Promise<{ readonly cluster: string | null; readonly version: string }> {
  const { cluster, versionInfo } = parsed(await ask(base, '/api/v2/status', bounds, {}), statusAnswer);
  return { cluster: cluster?.name || null, version: versionInfo.version };
}

/** Labels of the alerts that fire and are neither silenced nor inhibited. Throws a TargetError. */
export async function readFiringAlerts(
  base: string,
  bounds: AlertmanagerBounds,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const path = '/api/v2/alerts?active=true&silenced=false&inhibited=false';
  return parsed(await ask(base, path, bounds, {}), alertsAnswer).map(({ labels }) => labels);
}

async function ask(
  base: string,
  path: string,
  { signal, timeoutMs }: AlertmanagerBounds,
  more: Pick<HttpAsk, 'method' | 'headers' | 'body'>,
): Promise<HttpAnswer> {
  return askHttp(under(base, path), { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES, ...more });
}

function parsed<T>(answer: HttpAnswer, schema: z.ZodType<T>): T {
  const text = said(answer);
  const result = schema.safeParse(parseJson(text));
  if (!result.success) throw wrongAnswer(text, result.error);
  return result.data;
}

/** A refusal is a JSON text that says why, or, when its form is wrong, a map with a message. */
const refusal = z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]);

function said(answer: HttpAnswer): string {
  const text = answer.body.toString('utf8');
  const why = [400, 404, 422].includes(answer.status) ? refusal.safeParse(parseJson(text)) : null;
  if (why?.success) throw new TargetError('degraded', `Alertmanager refused: ${cut(why.data, 200)}`);
  checkStatus(answer.status);
  return text;
}
