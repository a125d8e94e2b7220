/** Sockets that end with a signal and at a bound, whichever driver uses them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { saySize } from '../domain/say-facts.ts';
import { TargetError } from './target-error.ts';

export interface Guard {
  /** Destroys the socket at once, also while it connects. */
  readonly signal: AbortSignal;
  /** Bytes received, past which the socket is destroyed with a TargetError. */
  readonly maxBytes: number;
  /** For a driver that other protocols would harm: made for each socket, it sees every chunk before the driver does. */
  readonly protocol?: { readonly name: string; readonly accepts: () => (chunk: Uint8Array) => boolean };
}

/** A socket that is not connected yet: for drivers that connect one they are given. */
export function guardedSocket(bounds: Guard): Socket {
  return guard(new Socket(), bounds);
}

/** Counting waits for the driver to read: a listener of our own before its would lose it the first bytes. */
export function guard<S extends Socket>(socket: S, bounds: Guard): S {
  const { signal, maxBytes } = bounds;
  const abort = (): void => {
    socket.destroy();
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  if (bounds.protocol !== undefined) checkFirst(socket, bounds.protocol);
  let received = 0;
  socket.once('resume', () => {
    socket.on('data', (chunk: Uint8Array) => {
      received += chunk.length;
      if (received > maxBytes) socket.destroy(tooMuch(maxBytes));
    });
  });
  return socket;
}

/** A listener could see a chunk before the driver's, and not keep it from there. */
function checkFirst(socket: Socket, { name, accepts }: NonNullable<Guard['protocol']>): void {
  const { emit } = socket;
  const accept = accepts();
  const checked = (event: string | symbol, ...args: readonly unknown[]): boolean => {
    const [chunk] = args;
    if (event === 'data' && chunk instanceof Uint8Array && !accept(chunk)) {
      socket.destroy(new TargetError('down', `does not speak ${name}`));
      return true;
    }
    return Reflect.apply(emit, socket, [event, ...args]);
  };
  Object.defineProperty(socket, 'emit', { value: checked });
}

/**
 * Guards every plain socket that `work` opens, for a driver that takes none of ours: Node tells of each on the
 * channel `net.client.socket` (nodejs.org/api/diagnostics_channel.html), in the turn that made it.
 */
export async function guardingSockets<T>(bounds: Guard, work: () => Promise<T>): Promise<T> {
  const mine = new AsyncLocalStorage<true>();
  const guardMine = (message: unknown): void => {
    const made = mine.getStore() === true && typeof message === 'object' && message !== null;
    if (made && 'socket' in message && message.socket instanceof Socket) guard(message.socket, bounds);
  };
  subscribe('net.client.socket', guardMine);
  try {
    return await mine.run(true, work);
  } finally {
    unsubscribe('net.client.socket', guardMine);
  }
}

export function tooMuch(maxBytes: number): TargetError {
  return new TargetError('down', `wrong answer: more than ${saySize(maxBytes)}`);
}
