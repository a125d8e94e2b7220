/** Why the journal's server can't be used, for the person who configures it: one line that names the variable. */
import { oneLine } from '../domain/text.ts';

const WHY: Readonly<Record<string, (said: string) => string>> = {
  '28P01': () =>
    'the password is wrong, or there is no such role; expected the password of the role it names',
  '28000': (said) =>
    `the server doesn't let this role in (${said}); see pg_hba.conf, or add ?sslmode=require`,
  '3D000': (said) => `${said}; make it with CREATE DATABASE, or name another one`,
  '53300': () => 'the server has no connection left; raise max_connections, or end others',
  '57P03': () => 'the server is starting up or shutting down; try again when it answers',
  '42501': (said) => `${said}; grant it, or set DATABASE_SCHEMA to a schema that the role may use`,
  '3F000': (said) => `${said}; make it with CREATE SCHEMA, or set DATABASE_SCHEMA to one that is there`,
  ENOTFOUND: (said) => `the host has no address (${said})`,
  EAI_AGAIN: (said) => `the host's address can't be looked up (${said})`,
  ECONNREFUSED: (said) => `nothing listens there (${said}); is PostgreSQL running?`,
  ECONNRESET: (said) => `the connection was closed (${said}); is it PostgreSQL that listens there?`,
  EHOSTUNREACH: (said) => `the host can't be reached (${said})`,
  ENETUNREACH: (said) => `the host can't be reached (${said})`,
  ETIMEDOUT: (said) => `the host doesn't answer (${said})`,
};

/** What the driver and TLS say without a code of their own. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/client password must be a string/u, 'the server asks for a password, and the address has none'],
  [/timeout/iu, "the server doesn't answer within 5 s"],
  [/does not support SSL/u, 'the server takes no TLS; remove sslmode, or use sslmode=prefer'],
  [/connection terminated unexpectedly/iu, 'the connection was closed; is it PostgreSQL that listens there?'],
  [
    /self.signed certificate|unable to (?:verify|get)|certificate/iu,
    'its certificate is not trusted; set sslrootcert to its authority, or use sslmode=require',
  ],
  [
    /unsupported startup parameter/iu,
    'the pooler refuses a parameter; set ignore_startup_parameters = extra_float_digits,options there',
  ],
  [/no such database|no such user|not allowed|server login/iu, 'the pooler refuses'],
];

/** Null: it is something else, and a fault of the program. */
export function sayConnectionTrouble(variable: string, error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const said = oneLine(error instanceof AggregateError ? error.errors.map(String).join(', ') : error.message);
  const known = WHY[codeOf(error)];
  if (known !== undefined) return `${variable}: ${known(said)}`;
  const found = SAID.find(([pattern]) => pattern.test(said));
  if (found !== undefined) return `${variable}: ${found[1]} (${said})`;
  return codeOf(error) === '' ? null : `${variable}: the server refuses: ${said}`;
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';
