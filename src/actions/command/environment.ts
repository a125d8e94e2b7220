/** What a program is given of the bot's own environment: what it is declared with, and nothing else. */
import { readFile } from 'node:fs/promises';

export type Env = Readonly<Record<string, string | undefined>>;

/** `NAME`, or the content of the file that `NAME_FILE` names, trimmed; names without a value are left out. */
export async function readEnvironment(
  env: Env,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const entries = await Promise.all(
    names.map(async (name): Promise<readonly [string, string]> => {
      const file = env[`${name}_FILE`]?.trim();
      const value = file ? await readFile(file, 'utf8').catch(() => '') : (env[name] ?? '');
      return [name, file ? value.trim() : value];
    }),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}
