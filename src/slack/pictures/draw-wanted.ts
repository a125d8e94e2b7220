/** Draws the pictures that messages want: claimed in the journal, drawn, uploaded, and shown by their message. */
import type { Chart, TimeChart } from '../../domain/chart.ts';
import type { PictureWish } from '../../domain/picture.ts';
import type { ProbeContext } from '../../domain/probe.ts';
import { allChannels } from '../../engine/core/channels.ts';
import { each } from '../../engine/core/each.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { prometheusOf } from '../../engine/core/prometheus-of.ts';
import type { Chore } from '../../engine/upkeep/keep-chore.ts';
import {
  claimPictures,
  dropPicture,
  keepPicture,
  type PictureJob,
  showAgain,
} from '../../journal/pictures.ts';
import type { SlackPort } from '../slack-client.ts';
import { uploadPicture } from '../upload-picture.ts';

export interface PictureDeps {
  readonly engine: Engine;
  readonly slack: SlackPort;
  /** Never throws. */
  readonly draw: (chart: Chart) => Promise<{ readonly png: Uint8Array } | { readonly why: string }>;
  /** A metric over a span of time. Throws when there is no answer. */
  readonly queryRange: (
    base: string,
    query: string,
    span: { readonly from: number; readonly to: number },
    context: ProbeContext,
  ) => Promise<Pick<TimeChart, 'series' | 'left'>>;
}

const HOUR_MS = 3_600_000;
const ASK_MS = 5000;
const AT_ONCE = 4;
/** Longer than a query, a drawing and an upload may take together. */
const LEASE_MS = 60_000;
const TRIES = 3;
const AGAIN_MS = 10_000;

/** One look: what is wanted now is drawn; what Slack was not ready for is shown again. */
export async function drawWanted(deps: PictureDeps): Promise<void> {
  const { pool } = deps.engine.journal;
  if ((await showAgain(pool)) > 0) deps.engine.poke(allChannels(deps.engine));
  const jobs = await claimPictures(pool, AT_ONCE, LEASE_MS);
  await each(jobs, (job) => draw(deps, job));
}

async function draw(deps: PictureDeps, job: PictureJob): Promise<void> {
  const { engine } = deps;
  const { pool } = engine.journal;
  const key = `${job.surface}/${job.subject}/${job.slot}`;
  const retry = job.tries < TRIES ? AGAIN_MS : null;
  const chart = await chartOf(deps, job.wish);
  if ('why' in chart) {
    // No metric is no fault of the bot's: the thread simply has no picture.
    engine.log.debug({ message: key, why: chart.why }, 'there is nothing to draw a picture of');
    return dropPicture(pool, job, chart.why, chart.isAway ? retry : null);
  }
  const picture = await deps.draw(engine.redact(chart));
  if ('why' in picture) {
    engine.log.warn({ message: key, why: picture.why }, 'a picture could not be drawn');
    return dropPicture(pool, job, picture.why, retry);
  }
  const uploaded = await uploadPicture(deps.slack, picture.png, chart.title);
  if (uploaded.kind === 'ok') {
    await keepPicture(pool, job, uploaded.fileId);
    engine.poke(allChannels(engine));
    return;
  }
  engine.log.warn({ message: key, why: uploaded.why }, 'a picture could not be uploaded');
  const wait = uploaded.kind === 'refused' || retry === null ? null : Math.max(retry, uploaded.inMs);
  await dropPicture(pool, job, uploaded.why, wait);
}

async function chartOf(
  deps: PictureDeps,
  wish: PictureWish,
): Promise<Chart | { readonly why: string; readonly isAway: boolean }> {
  if (wish.kind === 'chart') return wish.chart;
  const { engine } = deps;
  const { title, unit, threshold, query } = wish;
  const to = Date.now();
  const from = to - HOUR_MS;
  let why = 'no Prometheus is configured';
  for (const address of prometheusOf(engine, wish.system)) {
    const signal = AbortSignal.any([engine.signal, AbortSignal.timeout(ASK_MS)]);
    try {
      const found = await deps.queryRange(address, query, { from, to }, { signal, timeoutMs: ASK_MS });
      return { kind: 'time', title, unit, threshold, from, to, ...found };
    } catch (error) {
      why = engine.redact(error instanceof Error ? error.message : String(error));
    }
  }
  return { why, isAway: true };
}

const EVERY_MS = 1000;

/** Nobody waits for a picture. */
export const picturesChore = (deps: PictureDeps): Chore => ({
  name: 'pictures',
  everyMs: EVERY_MS,
  withinMs: LEASE_MS,
  run: (signal) => drawWanted({ ...deps, engine: { ...deps.engine, signal } }),
});
