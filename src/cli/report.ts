/** `pageturner report INC-n`: the post-incident report, in Markdown. */
import type { Env } from '../config.ts';
import { parseId } from '../domain/ids.ts';
import { createRedact } from '../domain/redact.ts';
import { readReport } from '../engine/reading/read-report.ts';
import { readArguments, usageOf } from './commands.ts';
import { joinJournal } from './join-journal.ts';
import { loadForTerminal } from './load.ts';

/** 0: printed; 1: there is none; 2: wrong usage. */
export async function report(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('report', args);
  if (read === null) return 2;
  const [given = ''] = read.positionals;
  const id = /^\d+$/u.test(given) ? `INC-${given}` : given;
  if ((parseId('INC', id) ?? parseId('RUN', id)) === null) {
    process.stderr.write(`${usageOf('report')}\n`);
    return 2;
  }
  const { secrets } = await loadForTerminal(env);
  const { client } = await joinJournal(env);
  try {
    const text = await readReport(client, id);
    if (text === null) {
      process.stderr.write(`pageturner: there is no ${id.toUpperCase()} in the journal.\n`);
      return 1;
    }
    process.stdout.write(createRedact(secrets)(text));
    return 0;
  } finally {
    await client.end();
  }
}
