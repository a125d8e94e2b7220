/** `npm run bench`: how fast it is, each figure beside a baseline measured in the same run. Nothing here asserts a time. */
import { benchAcknowledge } from './acknowledge.ts';
import { benchCrash } from './crash.ts';
import { benchDecision } from './decision.ts';
import { benchHealth } from './health.ts';
import { benchIntake } from './intake.ts';
import { benchLargeJournal } from './large-journal.ts';
import { benchReady } from './ready.ts';
import { printTable, type Row } from './table.ts';

const rows: Row[] = [];
const only = process.argv.slice(2);
for (const bench of [
  benchReady,
  benchIntake,
  benchCrash,
  benchLargeJournal,
  benchDecision,
  benchAcknowledge,
  benchHealth,
]) {
  if (only.length > 0 && !only.includes(bench.name)) continue;
  process.stderr.write(`${bench.name} …\n`);
  rows.push(...(await bench()));
}
printTable(rows);
process.exit(0);
