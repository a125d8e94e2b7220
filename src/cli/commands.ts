/** Every command of the terminal with its arguments, once: help, refusals and docs/reference-commands.md are made from it. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

export interface CommandRow {
  /** Behind the name, as people write it. */
  readonly takes: string;
  readonly says: string;
  /** How many words may stand without a dash; absent: any number. */
  readonly words?: number;
  readonly options: ParseArgsOptionsConfig;
}

/** To add one: its row here, its file beside this one, and its line in src/main.ts, which the types ask for. */
export const COMMANDS = {
  up: {
    takes: '[--role all|gateway|worker]',
    says: 'runs the bot; with nothing configured, everything locally',
    words: 0,
    options: { role: { type: 'string' } },
  },
  migrate: {
    takes: '',
    says: "makes or mends the journal's tables, as their owner, and gives the bot's role its rights",
    words: 0,
    options: {},
  },
  health: {
    takes: '[SYSTEM [SERVICE]] [--json]',
    says: 'probes every service at once',
    words: 2,
    options: { json: { type: 'boolean', default: false } },
  },
  lint: { takes: '[PATH]', says: 'checks the runbooks', words: 1, options: {} },
  test: { takes: '[PATH]', says: 'plays runbooks against recorded answers', words: 1, options: {} },
  new: { takes: 'SYSTEM/NAME', says: 'writes a commented skeleton of a runbook', words: 1, options: {} },
  schema: { takes: '', says: "prints the runbooks' JSON Schema, for editors", words: 0, options: {} },
  run: {
    takes: 'RUNBOOK [name=value …] [--dry]',
    says: 'starts it; --dry prints every plan, touching nothing',
    options: { dry: { type: 'boolean', default: false } },
  },
  report: {
    takes: 'INC-n|RUN-n',
    says: 'the post-incident report, in Markdown',
    words: 1,
    options: {},
  },
  audit: {
    takes: 'verify [--head HEX] [--file EXPORT]|export|rotate',
    says: 'proves that the audit log is whole, writes it as JSON lines with proofs, begins a new key',
    words: 1,
    options: { head: { type: 'string' }, file: { type: 'string' } },
  },
} as const satisfies Readonly<Record<string, CommandRow>>;

export type CommandName = keyof typeof COMMANDS;

export const usageOf = (name: CommandName): string =>
  `usage: pageturner ${name} ${COMMANDS[name].takes}`.trimEnd();

const LINES = Object.entries(COMMANDS).map(
  ([name, { takes, says }]) => [`${name} ${takes}`.trimEnd(), says] as const,
);
const WIDTH = Math.max(...LINES.map(([typed]) => typed.length));

/** All of them, with a line each. */
export const USAGE = [
  'usage: pageturner COMMAND',
  ...LINES.map(([typed, says]) => `  ${typed.padEnd(WIDTH)}   ${says}`),
].join('\n');

/** Null: an option or a word too many, which has been refused with the command's usage; the exit code is 2. */
export function readArguments<N extends CommandName>(name: N, args: readonly string[]) {
  const { options, words = Number.POSITIVE_INFINITY }: CommandRow = COMMANDS[name];
  try {
    // The widest type is needed to parse any command; the narrow one is that command's own.
    const read = parseArgs({ args: [...args], options, allowPositionals: true }) as ReturnType<
      typeof parseArgs<{ options: (typeof COMMANDS)[N]['options']; allowPositionals: true }>
    >;
    const extra = read.positionals[words];
    if (extra === undefined) return read;
    return refuse(name, `${name} does not take "${extra}"`);
  } catch (error) {
    return refuse(name, error instanceof Error ? firstSentence(error.message) : String(error));
  }
}

/** Node's message goes on with hints about `--`, which no command here needs. */
const firstSentence = (message: string): string => message.split(/\. |\n/u)[0] ?? message;

function refuse(name: CommandName, why: string): null {
  process.stderr.write(`pageturner: ${why}.\n${usageOf(name)}\n`);
  return null;
}
