/** The environment as the catalog reads it, with what has been read that must never be shown. */
import { readFileSync } from 'node:fs';

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * What a variable's value is for. `place`: plainly an address, a name or a path, which people must be able to read;
 * `value`: anything else, a secret unless the file marks it `public`.
 */
export type Use = 'place' | 'value' | 'public';

export interface Variables {
  /**
   * `NAME`, or the content of the file that `NAME_FILE` names, trimmed; null when absent or empty. A variable that is
   * secret by its name is one whatever it is for, unless it is marked public.
   */
  read(name: string, use?: Use): string | null;
  /** `NAME_FILE` that can't be read, as lines for people, by the name of the variable. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Values that must never be shown. */
  readonly secrets: ReadonlySet<string>;
}

const LARGEST_CHARACTERS = 64 * 1024;

/** `REDIS_PASSWORD`, `GITHUB_TOKEN`, `CLIENT_SECRET`, `AUDIT_KEY`, also as `…_FILE`. */
export function isSecretName(name: string): boolean {
  return /PASS(WORD|WD)?|TOKEN|SECRET|(^|_)KEY|PWD|CREDENTIAL/u.test(name.toUpperCase());
}

export function createVariables(env: Env): Variables {
  const unreadable = new Map<string, string>();
  const secrets = new Set<string>();
  return {
    unreadable,
    secrets,
    read: (name, use = 'place') => {
      const file = env[`${name}_FILE`]?.trim();
      let value: string | undefined;
      try {
        value = file ? readFileSync(file, 'utf8').trim().slice(0, LARGEST_CHARACTERS) : env[name]?.trim();
      } catch {
        const example = `${name}_FILE=/run/secrets/${name.toLowerCase()}`;
        unreadable.set(name, `${name}_FILE: can't read ${file}; expected a readable file, e.g. ${example}`);
      }
      if (!value) return null;
      if (use !== 'public' && (isSecretName(name) || (use === 'value' && !isPlain(value))))
        secrets.add(value);
      return value;
    },
  };
}

/** One short word, a number, a path, a host, or an address without credentials: hiding it would hide what people must read. */
function isPlain(value: string): boolean {
  if (/^([a-z]{1,15}|[A-Z]{1,15}|\d{1,6}(\.\d{1,4})?)$/u.test(value)) return true;
  if (/^\.{0,2}(\/[\w.-]+)+\/?$/u.test(value)) return true;
  if (/^([a-z0-9-]+\.)*[a-z0-9-]+:\d{1,5}$/u.test(value)) return true;
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s@?#]*$/iu.test(value);
}

/** `MOALOG_RATE_LIMITER_URL`: the variable of a system, or of one of its services. */
export function variableName(...parts: readonly string[]): string {
  return parts.join('_').toUpperCase().replaceAll('-', '_');
}
