/** The one way in: `pageturner COMMAND …`. Each command loads only what it needs. */
import { ConfigError, loadConfig } from './config.ts';

export const EXIT = { good: 0, failed: 1, usage: 2, configuration: 3 } as const;

async function main(argv: readonly string[]): Promise<number> {
  const [command = 'up', ...args] = argv;
  switch (command) {
    case 'up':
      return up(args);
    case 'health':
      return (await import('./cli/health.ts')).health(args, process.env);
    case 'lint':
      return (await import('./cli/lint.ts')).lint(args, process.env);
    case 'schema':
      return (await import('./cli/schema.ts')).schema();
    case 'audit':
      return (await import('./cli/audit.ts')).audit(args, process.env);
    case 'test':
      return (await import('./cli/test.ts')).test(args, process.env);
    case 'new':
      return (await import('./cli/new.ts')).create(args, process.env);
    case 'report':
      return (await import('./cli/report.ts')).report(args, process.env);
    case 'run':
      return (await import('./cli/run.ts')).run(args, process.env);
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${USAGE}\n`);
      return EXIT.good;
    default:
      process.stderr.write(`pageturner: there is no command "${command}".\n${USAGE}\n`);
      return EXIT.usage;
  }
}

const USAGE = `usage: pageturner COMMAND
  up [--role all|gateway|worker]       runs the bot; with nothing configured, everything locally
  health [SYSTEM [SERVICE]] [--json]   probes every service at once
  lint [PATH]                          checks the runbooks
  test [PATH]                          plays runbooks against recorded answers
  new SYSTEM/NAME                      writes a commented skeleton of a runbook
  schema                               prints the runbooks' JSON Schema, for editors
  run RUNBOOK [name=value …] [--dry]   starts it; --dry prints every plan, touching nothing
  report INC-n                         the post-incident report, in Markdown
  audit verify [--head HEX]            proves that the audit log is whole`;

async function up(args: readonly string[]): Promise<number> {
  const env = { ...process.env };
  const roleAt = args.indexOf('--role');
  if (roleAt >= 0) env.PAGETURNER_ROLE = args[roleAt + 1] ?? '';
  const unknown = args.filter((_, i) => i !== roleAt && (roleAt < 0 || i !== roleAt + 1));
  if (unknown.length > 0) {
    process.stderr.write(`pageturner: up does not take "${unknown[0]}".\n${USAGE}\n`);
    return EXIT.usage;
  }
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
    if (error instanceof ConfigError) {
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
