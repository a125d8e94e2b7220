/** The journal says what the bot can't have written: nothing may be done with it. */
import type { AuditKeys } from '../../journal/audit-chain.ts';
import type { RunRow } from '../../journal/runs.ts';
import { isSealed, sealRun } from '../../journal/seals.ts';
import type { Engine } from './engine.ts';

export class Tampered extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Tampered';
  }
}

export const sayTampered = (why: string): string =>
  `The journal was tampered with: ${why}. Nothing was done. Tell whoever looks after the database.`;

/** Rows that were written before there were seals look like those of a stranger. */
export const OLDER = ', or a version before this one began it: ask again';

/** The key in force, and those before it: what was begun before a rotation stays proved. */
export const provingKeys = ({ auditKey, settings }: Engine): AuditKeys => [
  auditKey,
  ...(settings.auditKeysBefore ?? []),
];

/** What is wrong with a run; null: the bot began it, and for whom it says. */
export function whyRunUnproven(engine: Engine, run: RunRow): string | null {
  if (run.seal === null) return `the run “${run.title}” has no seal${OLDER}`;
  if (provingKeys(engine).some((key) => isSealed(run.seal, sealRun(key, run)))) return null;
  return `the run “${run.title}” is not as the bot began it`;
}
