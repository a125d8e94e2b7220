/** The sandbox's own Prometheus and Alertmanager: reads a condition, tells the bot until it has understood. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { type AlertText, webhookBody } from './alert.ts';
import { type AlertLife, isDue, observe, sent } from './alert-life.ts';
import { keep, readKept } from './kept-file.ts';

export interface Reading extends AlertText {
  readonly holds: boolean;
}

export interface Watch {
  readonly alertname: string;
  readonly service: string;
  /** Null or an exception: it can't be read now. */
  readonly read: (signal: AbortSignal) => Promise<Reading | null>;
}

export interface WatchPace {
  /** Milliseconds between two readings. */
  readonly readMs: number;
  /** Milliseconds between two sendings of an alert that goes on. */
  readonly repeatMs: number;
}

export interface WatchOptions {
  readonly dir: string;
  readonly webhook: { readonly url: () => string; readonly token: string };
  readonly pace: WatchPace;
  readonly log: (message: string, fields?: object) => void;
  readonly signal: AbortSignal;
}

export interface RunningWatch {
  readonly alertname: string;
  /** When it began, or null when nothing is firing. */
  firingSince(): Date | null;
  /** Ends with the signal. */
  readonly done: Promise<void>;
}

const SEND_TIMEOUT_MS = 5_000;

/** Milliseconds, as far as a date goes. */
const Time = z.number().min(0).max(8.64e15);
const KeptLife = z.discriminatedUnion('state', [
  z.object({ state: z.literal('quiet') }),
  z.object({
    state: z.literal('firing'),
    startsAt: Time,
    calm: z.number(),
    wasSent: z.boolean(),
    failures: z.number(),
    sendAt: Time,
  }),
  z.object({
    state: z.literal('ending'),
    startsAt: Time,
    endsAt: Time,
    failures: z.number(),
    sendAt: Time,
  }),
]);

/** Goes on from what was kept: an alert that ended while the bot was away is resolved. */
export async function startWatch(watch: Watch, options: WatchOptions): Promise<RunningWatch> {
  const file = join(options.dir, `alert-${watch.alertname}.json`);
  let life = awake((await readKept(file, KeptLife)) ?? { state: 'quiet' });
  let text: AlertText = { summary: watch.alertname, description: 'Found by the sandbox.' };

  const change = async (next: AlertLife): Promise<void> => {
    if (next === life) return;
    life = next;
    await keep(file, life).catch((error: unknown) => {
      options.log('the sandbox could not keep the state of its alert', { file, reason: String(error) });
    });
  };
  const once = async (): Promise<void> => {
    const reading = await watch.read(options.signal).catch(() => null);
    if (reading !== null) text = reading;
    await change(observe(life, reading?.holds ?? null, Date.now()));
    if (!isDue(life, Date.now())) return;
    // Kept before it is sent: after a kill in between, the end of it is told all the same.
    if (life.state === 'firing' && !life.wasSent) await change({ ...life, wasSent: true });
    const refusal = await send(watch, life, text, options);
    if (refusal !== null) options.log('the bot did not take the sandbox’s alert', { reason: refusal });
    await change(sent(life, refusal === null, Date.now(), options.pace.repeatMs));
  };
  const go = async (): Promise<void> => {
    while (!options.signal.aborted) {
      await once();
      await delay(options.pace.readMs, undefined, { signal: options.signal }).catch(() => null);
    }
  };
  return {
    alertname: watch.alertname,
    firingSince: () => (life.state === 'firing' ? new Date(life.startsAt) : null),
    done: go(),
  };
}

/** A clock that was set back while the bot was away must not hold a sending up. */
function awake(life: AlertLife): AlertLife {
  return life.state === 'quiet' ? life : { ...life, failures: 0, sendAt: 0 };
}

/** Null when the bot answered 2xx, else why not. */
async function send(
  watch: Watch,
  life: AlertLife,
  text: AlertText,
  options: WatchOptions,
): Promise<string | null> {
  if (life.state === 'quiet') return null;
  const body = webhookBody({
    labels: { alertname: watch.alertname, service: watch.service, severity: 'warning', system: 'moalog' },
    summary: text.summary,
    description: text.description,
    startsAt: new Date(life.startsAt).toISOString(),
    endsAt: life.state === 'ending' ? new Date(life.endsAt).toISOString() : null,
  });
  try {
    const response = await request(options.webhook.url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${options.webhook.token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
    });
    await response.body.dump();
    const isTaken = response.statusCode >= 200 && response.statusCode < 300;
    return isTaken ? null : `HTTP ${response.statusCode}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
