/** Whether a request that failed can have reached the other side: only then may nobody say that nothing happened. */
import { codeOf } from './network-error.ts';

/** Codes of look-ups, connections and TLS handshakes: no byte of a request goes before they are done. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const MOST_CAUSES = 6;

/** True only when it is certain. An abort, a reset or a silence tells nothing. */
export function neverSent(error: unknown): boolean {
  let cause: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && cause instanceof Error; depth += 1) {
    if (BEFORE_SENDING.has(codeOf(cause))) return true;
    // Several addresses were tried: each must have failed so.
    if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverSent);
    cause = cause.cause;
  }
  return false;
}
