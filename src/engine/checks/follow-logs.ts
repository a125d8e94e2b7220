/** Logs that people follow for a while: asked again and again, the newest lines in one message, until their time is over. */
import { logStep, newestThatFit } from '../../domain/log-lines.ts';
import { channelOfLookup, claimFollowed, type FollowJob, tellFollowed } from '../../journal/lookups.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { askService } from './ask-service.ts';
import { lookupMessage } from './post-lookup.ts';

const AT_ONCE = 8;
/** Slack takes 50 changes a minute in a channel; the projector makes fewer of them when there is more to say. */
const EVERY_MS = 2000;
const LEASE_MS = 15_000;
const LINES = 40;
/** Characters: a message that is changed takes 4,000. */
const SHOWN = 2800;

/** One look at each log whose turn it is. */
export async function followLogs(engine: Engine): Promise<void> {
  const jobs = await claimFollowed(engine.journal.pool, AT_ONCE, LEASE_MS);
  await Promise.all(jobs.map((job) => follow(engine, job)));
}

async function follow(engine: Engine, job: FollowJob): Promise<void> {
  const { system, service } = job.follow;
  const found = await askService(engine, system, logStep(service, LINES));
  // Stopped in the middle: another process goes on.
  if (engine.signal.aborted) return;
  const body =
    found.output === undefined
      ? `${service} is ${found.state}: ${found.reason ?? 'no log'}`
      : newestThatFit(found.output, SHOWN) || 'It has written nothing.';
  const isOver = job.leftMs <= EVERY_MS;
  await perform(engine, async (draft) => {
    await draft.write(tellFollowed(job.id, body, isOver ? null : EVERY_MS));
    if (body === job.body && !isOver) return;
    const channel = await channelOfLookup(draft.tx, job.id);
    if (channel !== null) draft.want(lookupMessage(job.id, channel));
  });
}
