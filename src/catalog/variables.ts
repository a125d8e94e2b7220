/** The environment as the catalog reads it, with what has been read that must never be shown. */
import { readFileSync } from 'node:fs';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Variables {
  /** `NAME`, or the content of the file that `NAME_FILE` names, trimmed; null when absent or empty. */
  read(name: string): string | null;
  /** `NAME_FILE` that can't be read, as lines for people, by the name of the variable. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Values of variables that are secret by their names. */
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
    read: (name) => {
      const file = env[`${name}_FILE`]?.trim();
      let value: string | undefined;
      try {
        value = file ? readFileSync(file, 'utf8').trim().slice(0, LARGEST_CHARACTERS) : env[name]?.trim();
      } catch {
        const example = `${name}_FILE=/run/secrets/${name.toLowerCase()}`;
        unreadable.set(name, `${name}_FILE: can't read ${file}; expected a readable file, e.g. ${example}`);
      }
      if (!value) return null;
      if (isSecretName(name)) secrets.add(value);
      return value;
    },
  };
}

/** `MOALOG_RATE_LIMITER_URL`: the variable of a system, or of one of its services. */
export function variableName(...parts: readonly string[]): string {
  return parts.join('_').toUpperCase().replaceAll('-', '_');
}
