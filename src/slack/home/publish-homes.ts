/**
 * Publishes App Home for those who have opened it lately: each view is read again every few seconds and published when
 * it says something new. Which are due is in the journal, so that any process goes on with them after a crash.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { allChannels } from '../../engine/core/channels.ts';
import type { Engine } from '../../engine/core/engine.ts';
import { type Overview, readHome, readOverview } from '../../engine/reading/read-home.ts';
import type { Chore } from '../../engine/upkeep/keep-chore.ts';
import { forgetHome, type HomeRow, homeIsPublished, homeLater, takeHomes } from '../../journal/homes.ts';
import type { SlackDirectory } from '../directory.ts';
import type { SlackPort } from '../slack-client.ts';
import { homeBlocks, homeView, type LinkTo } from '../views/home.ts';

export interface HomeDeps {
  readonly engine: Engine;
  readonly slack: SlackPort;
  readonly directory: Pick<SlackDirectory, 'channelId' | 'workspaceUrl'>;
}

/** A person's view changes no more often than this. */
export const HOME_PACE_MS = 3000;
/** How long it is followed after it was opened: Slack doesn't say when it is closed. */
const OPEN_MS = 2 * 3_600_000;
const LOOK_EVERY_MS = 1000;
/** Longer than one batch may take, with a call's own timeout for each. */
const LEASE_MS = 60_000;
const BATCH = 5;
const BACKOFF_MAX_MS = 60_000;

export const homesChore = (deps: HomeDeps): Chore => ({
  name: 'homes',
  everyMs: LOOK_EVERY_MS,
  withinMs: LEASE_MS,
  run: async (_, restFor) => {
    const { waitMs, isMore } = await publishDue(deps);
    restFor(isMore ? waitMs : Math.max(LOOK_EVERY_MS, waitMs));
  },
});

/** One pass; cheap when nobody has it open. `waitMs`: what Slack says to wait; `isMore`: others may be due now. */
export async function publishDue(
  deps: HomeDeps,
): Promise<{ readonly waitMs: number; readonly isMore: boolean }> {
  const { engine } = deps;
  const due = await takeHomes(engine.journal.pool, OPEN_MS, LEASE_MS, BATCH);
  if (due.length === 0) return { waitMs: 0, isMore: false };
  const [overview, link] = await Promise.all([readOverview(engine), linker(deps)]);
  let waitMs = 0;
  for (const row of due) {
    // Slack said to wait: it meant every person's view.
    if (waitMs > 0) await homeLater(engine.journal.pool, row.person, waitMs, false);
    else waitMs = await publish(deps, row, overview, link);
  }
  return { waitMs, isMore: due.length === BATCH };
}

async function publish(deps: HomeDeps, row: HomeRow, overview: Overview, link: LinkTo): Promise<number> {
  const { engine, slack } = deps;
  const { pool } = engine.journal;
  const home = await readHome(engine, overview, row.person);
  const blocks = engine.redact(homeBlocks(home, engine.catalog, link));
  const digest = createHash('sha256').update(canonicalJson(blocks)).digest('hex');
  if (digest === row.digest) {
    await homeLater(pool, row.person, HOME_PACE_MS, false);
    return 0;
  }
  const answer = await slack.call('views.publish', {
    user_id: row.person,
    view: homeView(blocks, overview.now),
  });
  switch (answer.kind) {
    case 'ok':
      await homeIsPublished(pool, row.person, digest, HOME_PACE_MS);
      return 0;
    case 'limited': {
      const ms = Math.max(answer.retryAfterMs, 1000);
      await homeLater(pool, row.person, ms, false);
      return ms;
    }
    case 'lost': {
      const ms = Math.min(BACKOFF_MAX_MS, HOME_PACE_MS * 2 ** Math.min(row.tries, 6));
      await homeLater(pool, row.person, ms, true);
      return 0;
    }
    case 'refused':
      engine.log.error(
        { person: row.person, error: answer.error, details: answer.details },
        'Slack refused an App Home; it is tried again when it is next opened',
      );
      await forgetHome(pool, row.person);
      return 0;
    default:
      return answer satisfies never;
  }
}

/** Links as Slack writes them ("Copy link"); the channel alone where Slack can't say its own address. */
async function linker({ engine, directory }: HomeDeps): Promise<LinkTo> {
  const base = await directory.workspaceUrl();
  const ids = new Map<string, string | null>();
  for (const channel of allChannels(engine)) ids.set(channel, await directory.channelId(channel));
  return (place, thread) => {
    const channel = place?.channel ?? engine.settings.opsChannel;
    const id = ids.get(channel) ?? null;
    const isId = id !== null && /^[CG]/u.test(id);
    if (place === null || base === null || id === null) return `in ${isId ? `<#${id}>` : channel}`;
    const at = `${base}archives/${id}/p${place.ts.replace('.', '')}`;
    return `<${thread == null ? at : `${at}?thread_ts=${thread.ts}&cid=${id}`}|in its thread>`;
  };
}
