/** What sockets, TLS and name look-ups say, in operators' words: told apart once for every client. */
import { TargetError } from './target-error.ts';

/** Node's codes (nodejs.org/api/errors.html, "Common system errors"; OpenSSL's X509_V_ERR names; undici's). */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ECONNABORTED: 'connection reset',
  UND_ERR_SOCKET: 'connection closed before the whole answer came',
  PROTOCOL_CONNECTION_LOST: 'connection closed before it answered',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'host name can’t be looked up',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to network',
  ETIMEDOUT: 'connecting timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connecting timed out',
  ENOENT: 'no such socket',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate chain ends in one that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate chain is not complete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate chain is not complete',
};
const NOT_TLS = /^(EPROTO|ERR_SSL_)/u;
const MOST_CAUSES = 5;

/** The finding that a network error is, or null when it is none. */
export function networkError(error: unknown): TargetError | null {
  let cause: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && cause instanceof Error; depth += 1) {
    if (cause instanceof TargetError) return cause;
    const code = codeOf(cause);
    const reason = REASONS[code];
    if (reason !== undefined) return new TargetError('down', reason, { cause: error });
    if (code === 'EACCES')
      return new TargetError('unknown', 'not allowed to open the socket', { cause: error });
    if (NOT_TLS.test(code)) return new TargetError('down', 'does not speak TLS', { cause: error });
    if (
      /socket hang up|ended by the other party|Connection terminated|Connection is closed/u.test(
        cause.message,
      )
    ) {
      return new TargetError('down', 'connection closed before it answered', { cause: error });
    }
    cause = cause instanceof AggregateError ? (cause.errors[0] ?? cause.cause) : cause.cause;
  }
  return null;
}

/** For what fails while two sides should be getting acquainted: the network's reason, or another protocol. */
export function handshakeError(error: unknown, protocol: string): TargetError {
  return networkError(error) ?? new TargetError('down', `does not speak ${protocol}`, { cause: error });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
