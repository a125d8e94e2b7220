/** `${NAME}` and `${NAME:-default}` in the texts of system.yaml and org.yaml. */
import { isSecretName, type Use, type Variables } from './variables.ts';

const PLACE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/gu;

export interface Interpolated {
  readonly text: string;
  /** Variables without a value and without a default: the text is of no use then. */
  readonly missing: readonly string[];
  /** Variables used that are secret by their names. */
  readonly secretNames: readonly string[];
}

/**
 * A value put into the user or password of an address is percent-encoded there, so that `p@ss/word` stays a
 * password; a default is taken as it is written, and so is everything outside the user and password.
 */
export function interpolate(text: string, variables: Variables, use: Use = 'place'): Interpolated {
  const missing: string[] = [];
  const secretNames: string[] = [];
  const filled = text.replace(
    PLACE,
    (whole: string, name: string, fallback: string | undefined, at: number) => {
      const value = variables.read(name, use);
      if (isSecretName(name)) secretNames.push(name);
      if (value === null) {
        if (fallback === undefined) missing.push(name);
        return fallback ?? '';
      }
      return isInUserinfo(text.slice(0, at), text.slice(at + whole.length))
        ? encodeURIComponent(value)
        : value;
    },
  );
  return { text: filled, missing, secretNames };
}

function isInUserinfo(before: string, after: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/iu.test(before.replace(PLACE, 'x')) &&
    /^[^/?#]*@/u.test(after.replace(PLACE, 'x'))
  );
}

/** What begins like a place for a variable and is none: `${name`, `${A:default}`, `${1}`. */
export function brokenPlace(text: string): string | null {
  const at = text.replace(PLACE, (whole) => ' '.repeat(whole.length)).indexOf('${');
  return at < 0 ? null : text.slice(at, at + 30);
}
