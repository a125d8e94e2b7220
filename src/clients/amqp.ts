/** Connections to the RabbitMQ brokers under care: one per use, which always ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, Options, SocketOptions } from 'amqplib';
import { handshakeError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface AmqpBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for connecting. */
  readonly timeoutMs: number;
}

const GOODBYE_MS = 250;
const ACCESS_REFUSED = 403;
const NOT_FOUND = 404;

/** Throws a TargetError when the broker can't be reached, refuses, or does not speak AMQP. */
export async function askAmqp<T>(
  url: string,
  bounds: AmqpBounds,
  ask: (channel: Channel) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = bounds;
  // Loaded at the first use: who only reads a catalog needs no drivers.
  const { connect } = await import('amqplib');
  signal.throwIfAborted();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  signal.addEventListener('abort', () => broken.reject(signal.reason), { once: true });
  let model: ChannelModel | null = null;
  try {
    // `signal` reaches net.connect and tls.connect, which destroy the socket at the abort.
    const socketOptions: SocketOptions & { signal: AbortSignal } = { signal, timeout: timeoutMs };
    model = await Promise.race([connect(brokerAddress(url), socketOptions), broken.promise]);
    model.on('error', (error: unknown) => broken.reject(error));
    const channel = await Promise.race([model.createChannel(), broken.promise]);
    channel.on('error', (error: unknown) => broken.reject(error));
    return await Promise.race([ask(channel), broken.promise]);
  } catch (error) {
    throw refusal(error) ?? handshakeError(error, 'AMQP');
  } finally {
    if (model !== null) await goodbye(model, broken.promise);
  }
}

/** A broker that doesn't answer the goodbye loses its socket at the signal. */
async function goodbye(model: ChannelModel, broken: Promise<never>): Promise<void> {
  const late = new AbortController();
  await Promise.race([model.close(), broken, sleep(GOODBYE_MS, undefined, { signal: late.signal })]).catch(
    () => undefined,
  );
  late.abort();
}

/** No heartbeats: their timers would outlive a connection this short. */
function brokerAddress(url: string): Options.Connect {
  const address = new URL(url);
  const vhost = address.pathname.slice(1);
  const hasUser = address.username !== '';
  return {
    protocol: address.protocol.slice(0, -1),
    hostname: address.hostname.replace(/^\[|\]$/gu, ''),
    ...(address.port === '' ? {} : { port: Number(address.port) }),
    ...(hasUser
      ? { username: decodeURIComponent(address.username), password: decodeURIComponent(address.password) }
      : {}),
    ...(vhost === '' ? {} : { vhost }),
    heartbeat: 0,
  };
}

function refusal(error: unknown): TargetError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
  if (code === ACCESS_REFUSED || /ACCESS_REFUSED|\b403\b/u.test(error.message)) {
    return refusedCredentials('AMQP 403', error);
  }
  if (code === NOT_FOUND) return new TargetError('down', said(error), { cause: error });
  if (code >= 300)
    return new TargetError('degraded', `answers, but refuses: ${said(error)}`, { cause: error });
  // Greeted and signed in, and then closed: only the virtual host can be it (AMQP 0-9-1, connection.open).
  if (/Expected ConnectionOpenOk; got <ConnectionClose/u.test(error.message))
    return new TargetError('degraded', 'answers, but refuses the virtual host', { cause: error });
  return null;
}

/** `Operation failed: QueueDeclare; 404 (NOT-FOUND) with message "NOT_FOUND - no queue 'x' in vhost '/'"` */
function said(error: Error): string {
  const quoted = /with message "(?:[A-Z_]+ - )?([^"]*)"/u.exec(error.message)?.[1];
  return (quoted ?? error.message).slice(0, 100);
}
