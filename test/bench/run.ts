/** `npm run bench`: how fast it is, each figure beside a baseline measured in the same run. Nothing here asserts a time. */
import { benchAcknowledge } from './acknowledge.ts';
import { benchHealth } from './health.ts';
import { benchReady } from './ready.ts';
import { printTable, type Row } from './table.ts';
import { benchWebhook } from './webhook.ts';

const rows: Row[] = [];
for (const bench of [benchReady, benchWebhook, benchAcknowledge, benchHealth]) {
  process.stderr.write(`${bench.name} …\n`);
  rows.push(...(await bench()));
}
printTable(rows);
process.exit(0);
