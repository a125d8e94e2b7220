/** Sockets that end with a signal and at a bound, whichever driver uses them. */
import { Socket } from 'node:net';
import { saySize } from '../domain/say-facts.ts';
import { TargetError } from './target-error.ts';

export interface Guard {
  /** Destroys the socket at once, also while it connects. */
  readonly signal: AbortSignal;
  /** Bytes received, past which the socket is destroyed with a TargetError. */
  readonly maxBytes: number;
}

/** A socket that is not connected yet: for drivers that connect one they are given. */
export function guardedSocket(bounds: Guard): Socket {
  return guard(new Socket(), bounds);
}

/**
 * To be called in the same turn as the socket is made: counting starts it flowing, so the driver's own
 * listener must be there before the first bytes are.
 */
export function guard<S extends Socket>(socket: S, bounds: Guard): S {
  const { signal, maxBytes } = bounds;
  const abort = (): void => {
    socket.destroy();
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  let received = 0;
  socket.on('data', (chunk: Uint8Array) => {
    received += chunk.length;
    if (received > maxBytes) socket.destroy(tooMuch(maxBytes));
  });
  return socket;
}

export function tooMuch(maxBytes: number): TargetError {
  return new TargetError('down', `wrong answer: more than ${saySize(maxBytes)}`);
}
