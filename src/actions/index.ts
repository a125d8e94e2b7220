/** The table of action kinds, by the name that YAML uses. A new kind is one file or folder, and one line here. */
import type { ActionKind } from '../domain/action.ts';
import { createAlertmanagerSilence } from './alertmanager-silence/index.ts';
import { createCommand } from './command/index.ts';
import { createFindCompose } from './compose/program.ts';
import { createComposeDown } from './compose-down.ts';
import { createComposeReset } from './compose-reset/index.ts';
import { createComposeRestart } from './compose-restart.ts';
import { createComposeUp } from './compose-up.ts';
import { createContainerEnv } from './container-env/index.ts';
import { createDockerPrune } from './docker-prune/index.ts';
import { createDockerRestart } from './docker-restart.ts';
import { createDockerStart } from './docker-start.ts';
import { createDockerStop } from './docker-stop.ts';
import { createHttpCall } from './http-call/index.ts';
import { createMongodbBackup } from './mongodb-backup.ts';
import { createPostgresBackup } from './postgres-backup.ts';
import { createPostgresExport } from './postgres-export.ts';
import { createPostgresQuery } from './postgres-query.ts';
import { createPostgresRestore } from './postgres-restore/index.ts';
import { createRabbitmqPurge } from './rabbitmq-purge/index.ts';
import { createRedisFlushdb } from './redis-flushdb/index.ts';
import { createVolumesRemove } from './volumes-remove/index.ts';

/**
 * `undoMaxBytes`: above it a flush is planned without an undo (UNDO_MAX_BYTES). `env`: where programs' variables are
 * taken from.
 */
export function createActionKinds(options: {
  readonly undoMaxBytes: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}): ReadonlyMap<string, ActionKind> {
  const env = options.env ?? process.env;
  const compose = { env, find: createFindCompose(env) };
  const kinds: readonly ActionKind[] = [
    createRedisFlushdb(options),
    createVolumesRemove(),
    createHttpCall(),
    createAlertmanagerSilence(),
    createRabbitmqPurge(),
    createPostgresQuery(),
    createPostgresExport(),
    createPostgresBackup(),
    createPostgresRestore(),
    createCommand(env),
    createDockerRestart(),
    createDockerStart(),
    createDockerStop(),
    createDockerPrune(),
    createContainerEnv(),
    createComposeUp(compose),
    createComposeDown(compose),
    createComposeRestart(compose),
    createComposeReset(compose),
    createMongodbBackup(),
  ];
  return new Map(kinds.map((kind) => [kind.name, kind]));
}
