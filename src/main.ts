/** The one way in: `pageturner COMMAND …`. */
import { COMMANDS, type CommandName, readArguments, USAGE } from './cli/commands.ts';
import { ConfigError, type Env, loadConfig } from './config.ts';
import { JournalTrouble } from './journal/journal-trouble.ts';

export const EXIT = { good: 0, failed: 1, usage: 2, configuration: 3 } as const;

/** Each command loads only what it needs. */
const LOAD: Readonly<
  Record<CommandName, () => Promise<(args: readonly string[], env: Env) => Promise<number>>>
> = {
  up: async () => up,
  migrate: async () => (await import('./cli/migrate.ts')).migrate,
  health: async () => (await import('./cli/health.ts')).health,
  lint: async () => (await import('./cli/lint.ts')).lint,
  test: async () => (await import('./cli/test.ts')).test,
  new: async () => (await import('./cli/new.ts')).create,
  schema: async () => (await import('./cli/schema.ts')).schema,
  run: async () => (await import('./cli/run.ts')).run,
  report: async () => (await import('./cli/report.ts')).report,
  audit: async () => (await import('./cli/audit.ts')).audit,
};

const isCommand = (word: string): word is CommandName => Object.hasOwn(COMMANDS, word);

async function main(argv: readonly string[]): Promise<number> {
  const [command = 'up', ...args] = argv;
  if (isCommand(command)) return (await LOAD[command]())(args, process.env);
  if (['help', '--help', '-h'].includes(command)) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.good;
  }
  process.stderr.write(`pageturner: there is no command "${command}".\n${USAGE}\n`);
  return EXIT.usage;
}

async function up(args: readonly string[], given: Env): Promise<number> {
  const read = readArguments('up', args);
  if (read === null) return EXIT.usage;
  const { role } = read.values;
  const env = { ...given, ...(role === undefined ? {} : { PAGETURNER_ROLE: role }) };
  const config = loadConfig(env, process.cwd());
  const { startBot } = await import('./start-bot.ts');
  const bot = await startBot(config, env);
  const address = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${bot.server.port}`;
  if (config.slack === null) {
    process.stdout.write(
      [
        '',
        `  Pageturner is ready. Open ${address}/`,
        '',
        '  Try:  type  /ops health moalog',
        '        click “Fill Redis” and read the thread that opens',
        '        click “Flush the cache database” as one person, “Approve” as the tech lead',
        ...bot.firstWords.map((line) => `  ${line}`),
        '',
        '  Ctrl-C ends it; nothing is lost.',
        '',
        '',
      ].join('\n'),
    );
  } else {
    process.stdout.write(`Pageturner is ready on ${address}\n`);
  }
  await new Promise<void>((resolve) => {
    // A second signal must not cut short the stop that the first began.
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => resolve());
  });
  await bot.stop();
  return EXIT.good;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exit(code);
  },
  (error: unknown) => {
    if (error instanceof ConfigError || error instanceof JournalTrouble) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EXIT.configuration);
    }
    process.stderr.write(
      `pageturner: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    if (error instanceof Error && error.cause) process.stderr.write(`caused by: ${String(error.cause)}\n`);
    process.exit(EXIT.failed);
  },
);
