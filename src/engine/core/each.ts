/** Rows that wait together are done each by itself, a few at a time: one that fails or hangs holds up none of the others. */

/** Few enough that a pass leaves most of the journal's connections to others. */
const AT_ONCE = 4;

/** Does all of them. @throws at the end, when any failed. */
export async function each<T>(rows: readonly T[], work: (row: T) => Promise<unknown>): Promise<void> {
  const left = rows.values();
  const problems: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const row of left) {
      try {
        await work(row);
      } catch (error) {
        problems.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, rows.length) }, lane));
  if (problems.length > 1) throw new AggregateError(problems, `${problems.length} of ${rows.length} failed`);
  if (problems.length === 1) throw problems[0];
}
