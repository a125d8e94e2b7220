/** The environment by the table: typed values, what must never be shown, and one line for each that is wrong. */
import { readFileSync } from 'node:fs';
import { examplesOf, type Row } from './row.ts';
import { type Settings, VARIABLES, type VariableName } from './variables.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface Read {
  readonly settings: Settings;
  readonly secrets: readonly string[];
  /** Set to anything, good or bad: what is malformed isn't called missing as well. */
  readonly given: ReadonlySet<VariableName>;
  readonly problems: readonly string[];
}

type Answer =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: unknown; readonly secrets: readonly string[] }
  | { readonly kind: 'wrong'; readonly line: string };

export function readVariables(env: Env): Read {
  const values: Partial<Record<VariableName, unknown>> = {};
  const secrets: string[] = [];
  const given = new Set<VariableName>();
  const problems: string[] = [];
  for (const name of namesOf(VARIABLES)) {
    const row: Row = VARIABLES[name];
    const answer = readRow(env, name, row);
    if (answer.kind === 'wrong') problems.push(answer.line);
    if (answer.kind === 'value') secrets.push(...answer.secrets);
    if (answer.kind !== 'absent') given.add(name);
    values[name] = answer.kind === 'value' ? answer.value : standardOf(row);
  }
  // The one place where a table becomes a type: each value was parsed by its row's schema.
  return { settings: values as Settings, secrets: secrets.filter((s) => s !== ''), given, problems };
}

/** One variable, for a command that needs no more. @throws ConfigError in one line when it is malformed. */
export function readSetting<N extends VariableName>(env: Env, name: N): Settings[N] {
  const row: Row = VARIABLES[name];
  const answer = readRow(env, name, row);
  if (answer.kind === 'wrong') throw new ConfigError([answer.line]);
  return (answer.kind === 'value' ? answer.value : standardOf(row)) as Settings[N];
}

function readRow(env: Env, name: string, row: Row): Answer {
  let text: string | null;
  try {
    text = readText(env, name);
  } catch {
    const file = `${name}_FILE`;
    const example = `${file}=/run/secrets/${name.toLowerCase()}`;
    return {
      kind: 'wrong',
      line: `${file}: can't read ${env[file]}; expected a readable file, e.g. ${example}`,
    };
  }
  if (text === null) return { kind: 'absent' };
  const parsed = row.form.schema.safeParse(text);
  if (parsed.success) {
    const inside = row.form.secretsIn?.(text) ?? [];
    return { kind: 'value', value: parsed.data, secrets: row.secret ? [text, ...inside] : inside };
  }
  const refusal = parsed.error.issues[0]?.message ?? 'not valid';
  return { kind: 'wrong', line: `${name}: ${refusal}; e.g. ${examplesOf(name, row)}` };
}

/** `NAME`, or the content of the file that `NAME_FILE` names; an empty value counts as absent. */
function readText(env: Env, name: string): string | null {
  const file = env[`${name}_FILE`];
  const text = file ? readFileSync(file, 'utf8').trim() : env[name]?.trim();
  return text ? text : null;
}

const standardOf = ({ form, standard }: Row): unknown =>
  standard === undefined ? null : form.schema.parse(standard);

/** The table's own keys, of which `Object.keys` knows only that they are texts. */
const namesOf = (table: typeof VARIABLES): readonly VariableName[] =>
  Object.keys(table) as readonly VariableName[];
