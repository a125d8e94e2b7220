/** Keeps Slack as the journal says: one loop for each channel with something out of date, so that none holds another. */
import type { Engine } from '../../engine/core/engine.ts';
import {
  type CallKind,
  deleteUnwantedLater,
  doubtfulMessages,
  leaseChannel,
  leftTokens,
  lookedAgain,
  type MessageRow,
  releaseChannel,
  staleChannels,
  staleMessages,
  unwantedIsGone,
  unwantedPosts,
} from '../../journal/messages.ts';
import { createAnswerPerson } from '../answer-person.ts';
import type { SlackDirectory } from '../directory.ts';
import type { SlackPort } from '../slack-client.ts';
import { findPosted } from './find-posted.ts';
import { createPace, type Pace, type Rate, SLACKS_RATE } from './pace.ts';
import { fileNameOf, wantedIn } from './post-file.ts';
import { createProblems } from './problems.ts';
import { projectMessage } from './project-message.ts';
import { keyOf, type Projection } from './projection.ts';
import { createPostMemory, type PostMemory } from './was-posted.ts';

const LEASE_MS = 5000;
const LOOK_EVERY_MS = 1000;
/** A twin is looked for from this long before its message was last shown, by the journal's clock. */
const TWIN_MS = 3_600_000;
const BATCH = 16;
/** After so many failures in a row a channel rests, and then one message at a time finds out whether Slack is back. */
const FAILED_MOST = 8;
const REST_MS = 1000;
const DELETE_AGAIN_MS = 5000;

export interface Projector {
  /** Something is out of date there. */
  poke(channels: readonly string[]): void;
  /** Whether this process has the channel now. */
  projects(channel: string): boolean;
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
  /** Calls in a row that came to nothing. */
  failed: number;
  restsUntil: number;
  /** When twins were last looked for. */
  twinsAt: number;
  readonly memory: PostMemory;
}

export function openProjector(
  engine: Engine,
  slack: SlackPort,
  directory: SlackDirectory,
  rate: Rate = SLACKS_RATE,
): Projector {
  const lanes = new Map<string, Lane>();
  const problems = createProblems();
  let unfound: string | null = null;
  let closed = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  const running = new Set<Promise<void>>();
  const projection: Omit<Projection, 'memory'> = {
    engine,
    slack,
    learn: directory.learn,
    report: problems.report,
    answer: createAnswerPerson({ slack, redact: engine.redact, log: engine.log }),
  };

  const isOurs = (channel: string): boolean => (lanes.get(channel)?.leasedUntil ?? 0) > performance.now();

  function poke(channels: readonly string[]): void {
    if (closed) return;
    // Most changes are in a channel that this process has already: no need to look for it.
    for (const channel of channels) if (isOurs(channel)) startLane(channel);
    if (!channels.every(isOurs)) pokeAll();
  }

  function pokeAll(): void {
    if (closed) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    looking = look().finally(() => {
      looking = null;
      if (lookAgain) {
        lookAgain = false;
        pokeAll();
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
    const lane = lanes.get(channel) ?? {
      pace: createPace(rate.burst, rate),
      busy: false,
      again: false,
      leasedUntil: 0,
      failed: 0,
      restsUntil: 0,
      twinsAt: Number.NEGATIVE_INFINITY,
      memory: createPostMemory(slack, engine.worker),
    };
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
    const calls = new Set<CallKind>(['post', 'update']);
    while (!closed && calls.size > 0 && performance.now() >= lane.restsUntil) {
      lane.again = false;
      if (!(await holdLease(channel, lane))) return;
      const id = await directory.channelId(channel);
      if (id !== null) await removeTwins(channel, id, lane);
      for (const call of [...calls]) {
        if (!(await driveCalls(channel, id, lane, call))) calls.delete(call);
      }
      if (id !== null) await removeUnwanted(channel, id);
    }
  }

  /** After the posts: what a message has been found to be again stays. */
  async function removeUnwanted(channel: string, id: string): Promise<void> {
    const { pool } = engine.journal;
    for (const ts of await unwantedPosts(pool, channel)) {
      const answer = await slack.call('chat.delete', { channel: id, ts });
      const isGone =
        answer.kind === 'ok' || (answer.kind === 'refused' && answer.error === 'message_not_found');
      if (isGone) await unwantedIsGone(pool, channel, ts);
      else await deleteUnwantedLater(pool, channel, ts, DELETE_AGAIN_MS);
    }
  }

  /** Whether there may be more to do now. The pace of posts holds up no update, and the other way round. */
  async function driveCalls(
    channel: string,
    id: string | null,
    lane: Lane,
    call: CallKind,
  ): Promise<boolean> {
    const most = lane.failed >= FAILED_MOST ? 1 : BATCH;
    const batch = await staleMessages(engine.journal.pool, channel, call, most);
    if (batch.length === 0) return false;
    if (id === null) {
      unfound = `the channel ${channel} can’t be found: invite the bot, or set OPS_CHANNEL to its id`;
      return false;
    }
    unfound = null;
    const threads = Map.groupBy(batch, (row) => `${row.surface}/${row.subject}`);
    const ends = await Promise.all([...threads.values()].map((rows) => driveThread(rows, id, lane)));
    return !ends.includes('wait');
  }

  /** One thread's messages, in their order. */
  async function driveThread(rows: readonly MessageRow[], id: string, lane: Lane): Promise<'on' | 'wait'> {
    for (const row of rows) {
      // A slow Slack may take longer for a few messages than the lease lasts.
      if (!(await holdLease(row.channel, lane))) return 'wait';
      const next = await projectMessage({ ...projection, memory: lane.memory }, row, id, lane.pace.take);
      if (next.kind === 'again') return 'on';
      if (next.kind === 'limited') lane.pace.block(row.ts === null ? 'post' : 'update', next.ms);
      if (next.kind === 'later') lane.failed += 1;
      else if (next.kind !== 'blocked') lane.failed = 0;
      if (next.kind !== 'on') setTimeout(pokeAll, next.ms).unref();
      if (lane.failed >= FAILED_MOST) lane.restsUntil = performance.now() + REST_MS;
      if (next.kind === 'limited' || next.kind === 'blocked' || lane.failed >= FAILED_MOST) return 'wait';
    }
    return 'on';
  }

  async function holdLease(channel: string, lane: Lane): Promise<boolean> {
    // Monotonic: a clock that is set back must not make a lease longer.
    const now = performance.now();
    if (lane.leasedUntil - now > LEASE_MS / 2) return true;
    const { pool } = engine.journal;
    const isNew = lane.leasedUntil <= now;
    const left = isNew ? await leftTokens(pool, channel, engine.worker, LEASE_MS, rate.post) : null;
    const held = await leaseChannel(pool, channel, engine.worker, LEASE_MS);
    if (isNew) lane.memory.forget();
    if (held && left !== null) lane.pace = createPace(left, rate);
    lane.leasedUntil = held ? now + LEASE_MS : 0;
    return held;
  }

  /** A post whose answer was lost may have landed late: of one key the oldest stays. */
  async function removeTwins(channel: string, id: string, lane: Lane): Promise<void> {
    if (performance.now() - lane.twinsAt < LOOK_EVERY_MS) return;
    lane.twinsAt = performance.now();
    for (const row of await doubtfulMessages(engine.journal.pool, channel)) {
      const since = new Date((row.updatedAt ?? new Date(0)).getTime() - TWIN_MS);
      const found = await findPosted(
        slack,
        { channel: id, threadTs: row.threadTs, since },
        wantedIn(row, keyOf(row)),
      );
      if (found === null) continue;
      for (const ts of twinsOf(row, found)) await slack.call('chat.delete', { channel: id, ts });
      await lookedAgain(engine.journal.pool, row.id);
    }
  }

  const timer = setInterval(pokeAll, LOOK_EVERY_MS);
  return {
    poke,
    projects: isOurs,
    problem: () => unfound ?? problems.say(),
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

/** Of a shared file Slack doesn't tell the `ts`: the first one stays. */
function twinsOf(row: MessageRow, found: readonly string[]): readonly string[] {
  if (fileNameOf(row) !== null) return found.slice(1);
  return found.includes(row.ts ?? '') ? found.filter((ts) => ts !== row.ts) : [];
}
