/** What the bot itself stands on, so that it never harms it (its queue, its container, its volumes). */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { SelfIdentity } from './domain/action.ts';
import { readIdentity } from './journal/identity.ts';
import type { Tx } from './journal/open-journal.ts';
import { queueReplicaRunIds, queueRunId } from './queue/check-redis.ts';

/** Volumes that hold the bot's own data, and the backups, as docker-compose.yml names them. */
export const OWN_VOLUMES = [
  'pageturner_journal',
  'pageturner_queue',
  'pageturner_data',
  'pageturner_backups',
];

const QUEUE_TIMEOUT_MS = 3000;

/** The id of the container this process runs in, from its mounts (Docker names them by it), or null. */
async function ownContainer(): Promise<string | null> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const byMount = /\/containers\/([0-9a-f]{64})\//u.exec(mounts)?.[1];
  if (byMount !== undefined) return byMount;
  return /^[0-9a-f]{12}$/u.test(hostname()) ? hostname() : null;
}

/** Null: there is no such part. */
export async function readSelf(
  redisUrl: string | null,
  journal: Tx | null,
  volumes: readonly string[],
): Promise<SelfIdentity> {
  return {
    queueRedisRunId: async () =>
      redisUrl === null ? null : queueRunId(redisUrl, AbortSignal.timeout(QUEUE_TIMEOUT_MS)),
    journalDatabase: async () => (journal === null ? null : readIdentity(journal)),
    queueReplicaRunIds: async () =>
      redisUrl === null ? [] : queueReplicaRunIds(redisUrl, AbortSignal.timeout(QUEUE_TIMEOUT_MS)),
    containerId: await ownContainer(),
    volumes,
  };
}
