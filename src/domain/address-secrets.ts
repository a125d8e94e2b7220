/** What must not be shown of a target's address. Addresses with several hosts are no URLs, so no parser is used. */
import { createRedact, type Redact } from './redact.ts';

const USERINFO = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/iu;
const SECRET_PARAMETER = /[?&][^=&]*(?:pass|pwd|secret|token|key)[^=&]*=([^&#]+)/giu;
/** `//user:password@host`, whatever its length. */
const ANY_USERINFO = /(\/\/)[^\s/@]*:[^\s/@]*@/gu;

/** The password and the secret parameters, as written and decoded. */
export function addressSecrets(url: string): readonly string[] {
  const password = USERINFO.exec(url)?.[1]?.replace(/^[^:]*:?/u, '') ?? '';
  const parameters = [...url.matchAll(SECRET_PARAMETER)].map((match) => match[1] ?? '');
  return [password, ...parameters]
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, decoded(secret)]);
}

/** Takes them out of every text of a value. */
export function addressRedact(url: string | null): Redact {
  const redact = createRedact(url === null ? [] : addressSecrets(url));
  return (value) => redact(value);
}

/** Credentials of any address in a text. */
export function withoutUserinfo(text: string): string {
  return text.replace(ANY_USERINFO, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
