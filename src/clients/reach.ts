/** Whether somebody listens at an address: a connection that is made and closed, with nothing said. */
import { once } from 'node:events';
import { guardedSocket } from './guarded-socket.ts';
import { networkError } from './network-error.ts';
import { TargetError } from './target-error.ts';

export interface ReachBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for the connection. */
  readonly timeoutMs: number;
}

/** Throws a TargetError when nobody does. `url`: `http://` or `https://`. */
export async function reach(url: string, { signal, timeoutMs }: ReachBounds): Promise<void> {
  signal.throwIfAborted();
  const { protocol, hostname, port } = new URL(url);
  const late = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket = guardedSocket({ signal: late, maxBytes: 65_536 });
  try {
    const host = hostname.replace(/^\[|\]$/gu, '');
    socket.connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    await once(socket, 'connect', { signal: late });
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) throw new TargetError('down', 'connecting timed out', { cause: error });
    throw networkError(error) ?? error;
  } finally {
    socket.destroy();
  }
}
