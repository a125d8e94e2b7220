/** The new database, from empty to whole: loaded and counted by the loader, then handed to who owns it. */
import { askPostgres } from '../../clients/postgres.ts';
import type { ActionContext } from '../../domain/action.ts';
import { actsAsSuperuser, applyLater, handOver } from './hand-over.ts';
import { countLoaded, loadDump } from './load.ts';
import { closeLoader, type Loader } from './loader-role.ts';
import { onMaintenance } from './maintenance.ts';
import { copyProperties } from './make-beside.ts';
import type { Ready } from './plan.ts';

export interface Filled {
  /** Settings of the old one that this role can't make. */
  readonly settingsLeft: readonly string[];
  /** Roles to whom the dump gives something, and that could not be given it. */
  readonly ownersLeft: readonly string[];
}

interface New {
  readonly url: string;
  readonly making: string;
  /** Null: the role of the address loads by itself. */
  readonly loader: Loader | null;
}

/** Why the new database doesn't hold all that the dump does; or what of it could not be set. */
export async function fill(
  made: New,
  ready: Ready,
  context: ActionContext,
): Promise<{ readonly wrong: string } | Filled> {
  const { url, making, loader } = made;
  const { dump, inspected } = ready;
  const bounds = { signal: context.signal, timeoutMs: context.timeoutMs };
  // Counting calls what the dump has made: so that too is done as the loader.
  const as = loader?.url ?? url;
  const loaded = await loadDump(as, making, dump, context);
  if ('wrong' in loaded) return loaded;
  const missing = await askPostgres(as, { ...bounds, database: making, writes: true }, async (client) => {
    const wrong = await countLoaded(client, dump, context);
    if (wrong === null) context.progress('gathering statistics');
    if (wrong === null) await client.query('analyze');
    return wrong;
  });
  if (missing !== null) return { wrong: missing };
  if (loader !== null)
    await onMaintenance(url, inspected.database, bounds, (client) => closeLoader(client, loader, making));
  const { owner } = ready.replaceable;
  const ownersLeft = await askPostgres(url, { ...bounds, database: making, writes: true }, async (client) => {
    if (loader === null) return applyLater(client, owner, loaded.later);
    return (await actsAsSuperuser(client, loader, owner))
      ? null
      : handOver(client, loader, owner, loaded.later);
  });
  if (ownersLeft === null)
    return {
      wrong: `the dump has functions that run with their owner's rights (SECURITY DEFINER), and ${owner}, who would own them, is a superuser: give the database to an ordinary role first`,
    };
  const settingsLeft = await onMaintenance(url, inspected.database, bounds, (client) =>
    copyProperties(client, inspected.database, making),
  );
  context.signal.throwIfAborted();
  return { settingsLeft, ownersLeft };
}
