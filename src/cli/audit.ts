/** `pageturner audit verify [--head HEX]`: computes the whole chain again. */
import type { Env } from '../config.ts';
import { verifyAudit } from '../journal/audit-chain.ts';
import { readArguments, usageOf } from './commands.ts';
import { joinJournal } from './join-journal.ts';

const HEX = /^[0-9a-f]{64}$/u;

/** 0: the log is whole; 1: it is not, and the first bad row is named; 2: wrong usage. */
export async function audit(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('audit', args);
  if (read === null) return 2;
  const [verb] = read.positionals;
  const { head } = read.values;
  if (verb !== 'verify' || (head !== undefined && !HEX.test(head))) {
    process.stderr.write(`${usageOf('audit')}\n`);
    return 2;
  }
  const { client, auditKey } = await joinJournal(env);
  try {
    const verdict = await verifyAudit(client, auditKey, head ?? null);
    if (verdict.good) {
      process.stdout.write(`audit: ${verdict.entries} entries, head ${verdict.head}\n`);
      return 0;
    }
    process.stdout.write(`audit: bad at seq ${verdict.badSeq}\n`);
    process.stderr.write(`${verdict.why}\n`);
    return 1;
  } finally {
    await client.end();
  }
}
