/** Keeps Slack as the journal says: one loop for each channel with something out of date, so that none holds another. */
import type { Engine } from '../../engine/engine.ts';
import {
  doubtfulMessages,
  leaseChannel,
  leftTokens,
  lookedAgain,
  type MessageRow,
  releaseChannel,
  staleChannels,
  staleMessages,
} from '../../journal/messages.ts';
import type { SlackDirectory } from '../directory.ts';
import type { SlackPort } from '../slack-client.ts';
import { findPosted } from './find-posted.ts';
import { BURST, createPace, type Pace } from './pace.ts';
import { keyOf, type Projection, projectMessage } from './project-message.ts';

const LEASE_MS = 5000;
const LOOK_EVERY_MS = 1000;
const BATCH = 10;

export interface Projector {
  /** Something is out of date. */
  poke(): void;
  /** Null: all is well with Slack. */
  problem(): string | null;
  /** Ends the loops and gives the channels to whoever comes. */
  close(): Promise<void>;
}

interface Lane {
  pace: Pace;
  busy: boolean;
  again: boolean;
  leasedUntil: number;
}

export function openProjector(engine: Engine, slack: SlackPort, directory: SlackDirectory): Projector {
  const lanes = new Map<string, Lane>();
  let problem: string | null = null;
  let closed = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  const running = new Set<Promise<void>>();
  const projection: Projection = {
    engine,
    slack,
    learn: directory.learn,
    report: (text) => {
      problem = text;
    },
  };

  function poke(): void {
    if (closed) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    looking = look().finally(() => {
      looking = null;
      if (lookAgain) {
        lookAgain = false;
        poke();
      }
    });
  }

  async function look(): Promise<void> {
    try {
      for (const channel of await staleChannels(engine.journal.pool)) startLane(channel);
    } catch (error) {
      if (!closed) engine.log.debug({ err: error }, 'the projector could not look for messages');
    }
  }

  function startLane(channel: string): void {
    const lane = lanes.get(channel) ?? { pace: createPace(BURST), busy: false, again: false, leasedUntil: 0 };
    lanes.set(channel, lane);
    if (lane.busy) {
      lane.again = true;
      return;
    }
    lane.busy = true;
    const run = drive(channel, lane)
      .catch((error: unknown) => {
        if (!closed)
          engine.log.warn(
            { err: error, channel },
            'the projector could not bring a channel up to date; it tries again',
          );
      })
      .finally(() => {
        lane.busy = false;
        running.delete(run);
        if (lane.again && !closed) {
          lane.again = false;
          startLane(channel);
        }
      });
    running.add(run);
  }

  /** Goes on until nothing is out of date, the pace says wait, or another process has the channel. */
  async function drive(channel: string, lane: Lane): Promise<void> {
    const { pool } = engine.journal;
    while (!closed) {
      lane.again = false;
      if (!(await holdLease(channel, lane))) return;
      const id = await directory.channelId(channel);
      const batch = await staleMessages(pool, channel, BATCH);
      if (id === null && batch.length > 0) {
        problem = `the channel ${channel} can’t be found: invite the bot, or set OPS_CHANNEL to its id`;
        return;
      }
      if (id === null) return;
      await removeTwins(channel, id);
      if (batch.length === 0) return;
      for (const row of batch) {
        // A slow Slack may take longer for a few messages than the lease lasts.
        if (!(await holdLease(channel, lane))) return;
        const next = await projectMessage(projection, row, id, lane.pace.take);
        if (next.kind === 'limited') lane.pace.block(next.ms);
        if (next.kind !== 'on') setTimeout(poke, next.ms).unref();
        if (next.kind === 'limited' || next.kind === 'blocked') return;
      }
    }
  }

  async function holdLease(channel: string, lane: Lane): Promise<boolean> {
    const now = Date.now();
    if (lane.leasedUntil - now > LEASE_MS / 2) return true;
    const { pool } = engine.journal;
    const isNew = lane.leasedUntil <= now;
    const left = isNew ? await leftTokens(pool, channel, engine.worker, LEASE_MS) : null;
    const held = await leaseChannel(pool, channel, engine.worker, LEASE_MS);
    if (held && left !== null) lane.pace = createPace(left);
    lane.leasedUntil = held ? now + LEASE_MS : 0;
    return held;
  }

  /** A post whose answer was lost may have landed late: of one key the oldest stays. */
  async function removeTwins(channel: string, id: string): Promise<void> {
    for (const row of await doubtfulMessages(engine.journal.pool, channel)) {
      const since = new Date(Date.now() - 3_600_000);
      const found = await findPosted(slack, { channel: id, threadTs: row.threadTs, since }, keyOf(row));
      if (found === null) continue;
      for (const ts of twinsOf(row, found)) await slack.call('chat.delete', { channel: id, ts });
      await lookedAgain(engine.journal.pool, row.id);
    }
  }

  const timer = setInterval(poke, LOOK_EVERY_MS);
  return {
    poke,
    problem: () => problem,
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
      await Promise.allSettled(running);
      for (const [channel, lane] of lanes) {
        await releaseChannel(engine.journal.pool, channel, engine.worker, lane.pace.left()).catch(
          () => undefined,
        );
      }
    },
  };
}

function twinsOf(row: MessageRow, found: readonly string[]): readonly string[] {
  return found.includes(row.ts ?? '') ? found.filter((ts) => ts !== row.ts) : [];
}
