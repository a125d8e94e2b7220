/** A connection of the action's own, with what it is looked at first; what the server itself refuses is a refusal. */
import type pg from 'pg';
import { askPostgres, type PostgresBounds } from '../../clients/postgres.ts';
import { type ActionContext, isRefused, type Refused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { type Inspected, inspectPostgres } from './inspect.ts';

/** Throws a TargetError when the server can't be reached, and the signal's reason when it is stopped. */
export async function onPostgres<T extends object>(
  target: Target,
  context: ActionContext,
  use: (client: pg.ClientBase, inspected: Inspected, url: string) => Promise<T>,
  more: Pick<PostgresBounds, 'maxBytes'> = {},
): Promise<T | Refused> {
  const address = postgresAddress(target);
  if (typeof address !== 'string') return address;
  context.signal.throwIfAborted();
  const bounds = { signal: context.signal, timeoutMs: context.timeoutMs, ...more };
  try {
    return await askPostgres(address, bounds, async (client) => {
      const inspected = await inspectPostgres(client, target);
      return isRefused(inspected) ? inspected : use(client, inspected, address);
    });
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  }
}

export function postgresAddress(target: Target): string | Refused {
  if (target.url === null) return { refused: `no address is configured for ${target.service}` };
  if (/^postgres(ql)?:\/\//iu.test(target.url)) return target.url;
  return { refused: `the address of ${target.service} is not a postgres:// one` };
}
