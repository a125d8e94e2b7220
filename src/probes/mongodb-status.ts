/** A MongoDB's part in its replica set, how far behind it is, its disk, and operations that take long. */
import { z } from 'zod';
import { askMongo, type MongoCommand, mongoErrorCode } from '../clients/mongodb.ts';
import type { Facts, ProbeFinding } from '../domain/probe.ts';
import { MONGODB_SCHEMES } from './mongodb-ping.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  /** Seconds behind the primary, past which it is degraded. */
  maxLagSeconds: z.number().positive().default(60),
  maxDiskPercent: z.number().min(1).max(100).default(85),
  /** Seconds, from which an operation counts as slow. */
  slowSeconds: z.int().positive().default(10),
});
type Settings = z.output<typeof settings>;

const server = z.object({ version: z.string(), connections: z.object({ current: z.number() }).optional() });
const replicaSet = z.object({
  set: z.string(),
  members: z.array(
    z.object({
      stateStr: z.string(),
      health: z.number(),
      self: z.boolean().optional(),
      optimeDate: z.date().optional(),
    }),
  ),
});
type ReplicaSet = z.output<typeof replicaSet>;
const disk = z.object({ fsUsedSize: z.number(), fsTotalSize: z.number() });
const operations = z.object({ inprog: z.array(z.unknown()) });

/** Unauthorized, CommandNotFound, NoReplicationEnabled: this part can't be known, the others can. */
const NOT_KNOWN = new Set([13, 59, 76]);

/** `standalone`, or the state that `replSetGetStatus` names. */
const ROLES = [
  ...['standalone', 'PRIMARY', 'SECONDARY', 'ARBITER', 'STARTUP', 'STARTUP2'],
  ...['RECOVERING', 'ROLLBACK', 'REMOVED', 'DOWN', 'UNKNOWN'],
];

export const mongodbStatus = probeKind<Settings>({
  name: 'mongodb.status',
  settings,
  needs: { schemes: MONGODB_SCHEMES },
  facts: {
    role: { type: 'text', values: ROLES },
    set: { type: 'text' },
    members: { type: 'number' },
    healthy_members: { type: 'number' },
    lag_seconds: { type: 'number', unit: 's' },
    disk_used_percent: { type: 'number', unit: '%' },
    slow_operations: { type: 'number' },
    connections: { type: 'number' },
    version: { type: 'text' },
  },
  async probe(target, asked, context) {
    return askMongo(addressOf(target), context, async (command) =>
      finding(await read(command, asked), asked),
    );
  },
});

async function read(command: MongoCommand, { slowSeconds }: Settings): Promise<Facts> {
  const status = await known(async () => server.parse(await command({ serverStatus: 1 })));
  const set = await known(async () => replicaSet.parse(await command({ replSetGetStatus: 1 })));
  const space = await known(async () => disk.parse(await command({ dbStats: 1 })));
  const slow = await known(async () =>
    operations.parse(
      await command({ currentOp: 1, active: true, op: { $ne: 'none' }, secs_running: { $gte: slowSeconds } }),
    ),
  );
  return {
    role: set?.members.find((member) => member.self)?.stateStr ?? 'standalone',
    set: set?.set ?? null,
    members: set?.members.length ?? 1,
    healthy_members: set?.members.filter((member) => member.health === 1).length ?? 1,
    lag_seconds: set === null ? null : lagOf(set),
    disk_used_percent: space === null ? null : Math.round((space.fsUsedSize / space.fsTotalSize) * 1000) / 10,
    slow_operations: slow?.inprog.length ?? null,
    connections: status?.connections?.current ?? null,
    version: status?.version ?? null,
  };
}

/** Null where the server doesn't let us know. */
async function known<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (NOT_KNOWN.has(mongoErrorCode(error) ?? 0)) return null;
    throw error;
  }
}

/** Of the secondary that is furthest behind. */
function lagOf({ members }: ReplicaSet): number | null {
  const primary = members.find((member) => member.stateStr === 'PRIMARY')?.optimeDate;
  if (primary === undefined) return null;
  const lags = members
    .filter((member) => member.stateStr === 'SECONDARY')
    .map((member) => (primary.getTime() - (member.optimeDate?.getTime() ?? 0)) / 1000);
  return Math.max(0, ...lags);
}

function finding(facts: Facts, { maxLagSeconds, maxDiskPercent }: Settings): ProbeFinding {
  const { lag_seconds: lag, disk_used_percent: used, members, healthy_members: healthy, set } = facts;
  if (set !== null && lag === null) return degraded('the replica set has no primary', facts);
  if (Number(healthy) < Number(members))
    return degraded(`${healthy} of ${members} members are healthy`, facts);
  if (Number(lag) > maxLagSeconds)
    return degraded(`${lag} s behind the primary, more than ${maxLagSeconds} s`, facts);
  if (Number(used) > maxDiskPercent)
    return degraded(`disk is ${used} % full, more than ${maxDiskPercent} %`, facts);
  return up(facts);
}
