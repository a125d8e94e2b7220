/** A TLS handshake and the certificate that the other side shows, trusted or not. */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, rootCertificates } from 'node:tls';
import { guard } from './guarded-socket.ts';
import { handshakeError, networkError } from './network-error.ts';
import { TargetError } from './target-error.ts';

export interface TlsAsk {
  readonly host: string;
  readonly port: number;
  /** The name that the certificate must be for, and that is asked for (SNI). */
  readonly servername: string;
  /** A PEM file with authorities to trust beside the usual ones. */
  readonly caFile: string | null;
  readonly signal: AbortSignal;
}

export interface TlsAnswer {
  readonly certificate: PeerCertificate;
  readonly protocol: string | null;
  readonly cipher: string;
  /** Why the chain is not trusted, in operators' words; null when it is. */
  readonly distrust: string | null;
  /** Whether the certificate is for another name. */
  readonly wrongName: boolean;
}

const MAX_HANDSHAKE_BYTES = 1_048_576;

/** Throws a TargetError when there is no handshake at all. */
export async function shakeHands({ host, port, servername, caFile, signal }: TlsAsk): Promise<TlsAnswer> {
  signal.throwIfAborted();
  const ca = caFile === null ? {} : { ca: [...rootCertificates, await authorities(caFile)] };
  const sni = isIP(servername) === 0 ? { servername } : {};
  // Untrusted ones are looked at too: that is what the probe is for.
  const socket = connect({ host, port, ...sni, ...ca, rejectUnauthorized: false });
  guard(socket, { signal, maxBytes: MAX_HANDSHAKE_BYTES });
  const closed = new TargetError('down', 'connection closed in the handshake');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(closed));
    });
    const certificate = socket.getPeerCertificate(false);
    if (certificate.subject === undefined) throw new TargetError('down', 'shows no certificate');
    const distrust = socket.authorized ? null : trustProblem(socket.authorizationError);
    return {
      certificate,
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().name,
      distrust,
      wrongName: checkServerIdentity(servername, certificate) !== undefined,
    };
  } catch (error) {
    throw handshakeError(error, 'TLS');
  } finally {
    socket.destroy();
  }
}

async function authorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new TargetError('unknown', `the file of authorities can’t be read: ${file}`, { cause: error });
  }
}

/** Node gives the code as the error, or as a text. */
function trustProblem(error: Error | string | undefined): string {
  const code =
    error instanceof Error ? error : Object.assign(new Error(String(error)), { code: String(error) });
  return networkError(code)?.message ?? `certificate is not trusted (${String(error)})`;
}
