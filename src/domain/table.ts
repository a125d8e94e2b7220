/** Tables of plain text, for code blocks. */
const BETWEEN = '  ';

/** Columns side by side, each as wide as its widest cell, two spaces apart unless told; no spaces at the ends of lines. */
export function alignColumns(rows: readonly (readonly string[])[], between = BETWEEN): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join(between)
        .trimEnd(),
    )
    .join('\n');
}
