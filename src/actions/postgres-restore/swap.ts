/** Two databases change names in one transaction, while whoever is connected to the first is ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { TargetError } from '../../clients/target-error.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import { oneLine } from '../../domain/text.ts';
import { type Bounds, nameOf, oidOf, onMaintenance, serverDiffers } from './maintenance.ts';

const END_EVERY_MS = 100;
/** For the look at what became of a commit that was not answered. */
const LOOK_MS = 10_000;

export interface Swap {
  readonly url: string;
  readonly systemIdentifier: string;
  /** The name that both want. */
  readonly name: string;
  /** Oid of the one that has it now. */
  readonly oid: string;
  /** What that one is called afterwards. */
  readonly keptAs: string;
  /** The one that gets the name. */
  readonly from: string;
}

export type Swapped =
  | { readonly state: 'swapped'; readonly ended: number }
  | { readonly state: 'changed'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string };

/**
 * Looks again on the connection that it acts on, calls `act`, then renames both: either both have their new names, or
 * neither has. Throws what `act` throws, and OutcomeUnknown when nobody can tell which of the two it was.
 */
export async function swapDatabases(swap: Swap, bounds: Bounds, act: () => Promise<void>): Promise<Swapped> {
  let began = false;
  let pid: number | null = null;
  try {
    return await onMaintenance(swap.url, swap.name, bounds, async (client): Promise<Swapped> => {
      const changed = await whatChanged(client, swap);
      if (changed !== null) return { state: 'changed', why: changed };
      await act();
      if (bounds.signal.aborted)
        return { state: 'failed', why: 'it was stopped before the names were changed' };
      const own = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      pid = own.rows[0]?.pid ?? null;
      return onMaintenance(swap.url, swap.name, bounds, (other) => {
        began = true;
        return renameBoth(client, other, swap);
      });
    });
  } catch (error) {
    if (!began) throw error;
    return lookAfter(swap, pid, error);
  }
}

async function whatChanged(client: pg.ClientBase, swap: Swap): Promise<string | null> {
  const server = await serverDiffers(client, swap.systemIdentifier);
  if (server !== null) return server;
  const now = await oidOf(client, swap.name);
  if (now !== swap.oid) return `database_oid was ${swap.oid}, is ${now ?? '(none)'}`;
  return (await oidOf(client, swap.from)) === null ? `there is no database ${swap.from}` : null;
}

/**
 * The rename takes the database's lock, so that nobody new comes in, and waits up to 5 s for those who are there
 * (RenameDatabase in PostgreSQL's dbcommands.c): in that time they are ended over the other connection.
 */
async function renameBoth(client: pg.ClientBase, other: pg.ClientBase, swap: Swap): Promise<Swapped> {
  const id = client.escapeIdentifier.bind(client);
  await client.query('begin read write');
  const done = new AbortController();
  const ending = endSessions(other, swap.oid, done.signal);
  try {
    await client.query(`alter database ${id(swap.name)} rename to ${id(swap.keptAs)}`);
    await client.query(`alter database ${id(swap.from)} rename to ${id(swap.name)}`);
  } catch (error) {
    await client.query('rollback');
    const said = error instanceof Error ? error.message : String(error);
    return { state: 'failed', why: `the two did not change names: ${oneLine(said)}` };
  } finally {
    done.abort();
  }
  await client.query('commit');
  return { state: 'swapped', ended: await ending };
}

// Ended in the select list, of rows that are chosen already: in the condition it might be called for any session.
const END = `
  select pid, pg_terminate_backend(pid) from (
    select pid from pg_stat_activity where datid = $1::oid and pid <> pg_backend_pid() offset 0) chosen`;

/** How many were ended. An error shows when the rename then fails. */
async function endSessions(client: pg.ClientBase, oid: string, done: AbortSignal): Promise<number> {
  const ended = new Set<number>();
  while (!done.aborted) {
    const { rows } = await client.query<{ pid: number }>(END, [oid]).catch(() => ({ rows: [] }));
    for (const { pid } of rows) ended.add(pid);
    await sleep(END_EVERY_MS, undefined, { signal: done }).catch(() => undefined);
  }
  return ended.size;
}

/** The connection broke, or time was over, after it began: the names themselves say what became of it. */
async function lookAfter(swap: Swap, pid: number | null, cause: unknown): Promise<Swapped> {
  const said = oneLine(cause instanceof Error ? cause.message : String(cause), 120);
  const signal = AbortSignal.timeout(LOOK_MS);
  try {
    return await onMaintenance(swap.url, swap.name, { signal, timeoutMs: LOOK_MS }, async (client) => {
      await endBackend(client, pid, signal);
      const now = await nameOf(client, swap.oid);
      if (now === swap.keptAs) return { state: 'swapped', ended: 0 };
      if (now === swap.name) return { state: 'failed', why: `the two did not change names: ${said}` };
      throw new TargetError('degraded', `the database of oid ${swap.oid} is called ${now ?? '(gone)'}`);
    });
  } catch (error) {
    const also = oneLine(error instanceof Error ? error.message : String(error), 120);
    throw new OutcomeUnknown(
      `whether ${swap.name} was replaced is not known (${said}; ${also}): look whether ${swap.keptAs} is there`,
      { cause },
    );
  }
}

/** The server's side of the broken connection may still be at it: what is read is true only once it is gone. */
async function endBackend(client: pg.ClientBase, pid: number | null, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and application_name = 'pageturner'",
      [pid],
    );
    if (rows.length === 0) return;
    await sleep(END_EVERY_MS, undefined, { signal });
  }
}
