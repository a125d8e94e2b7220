/** Figures that people compare, as a table. */
export interface Row {
  readonly what: string;
  readonly ms: number;
  readonly baseline: string;
  readonly baselineMs: number;
  /** Of both figures; `ms` when it isn't said. */
  readonly unit?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function printTable(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    row.what,
    `${row.ms.toFixed(1)} ${row.unit ?? 'ms'}`,
    row.baseline,
    `${row.baselineMs.toFixed(1)} ${row.unit ?? 'ms'}`,
    (row.ms / row.baselineMs).toFixed(2),
  ]);
  const all = [['what', 'ours', 'baseline', 'its figure', 'ratio'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  for (const line of all)
    process.stdout.write(`${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}\n`);
}
