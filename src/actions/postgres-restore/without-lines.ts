/** A text as it streams by, without certain lines. */
const NEW_LINE = 10;
/** A longer line is none of those looked for. */
const LONGEST = 4096;

/** Leaves out lines that are exactly one of these. Chunks may end anywhere. */
export async function* withoutLines(
  from: AsyncIterable<Buffer>,
  lines: readonly string[],
): AsyncGenerator<Buffer> {
  const needles = lines.map((line) => Buffer.from(`\n${line}\n`));
  // As if a line had ended before the first, so that each one looked for begins with a new line.
  let held = Buffer.from('\n');
  let isFirst = true;
  const given = (part: Buffer): Buffer => {
    const text = isFirst ? part.subarray(1) : part;
    isFirst = false;
    return text;
  };
  for await (const chunk of from) {
    const all = Buffer.concat([held, chunk]);
    const end = all.lastIndexOf(NEW_LINE);
    if (end < all.length - LONGEST) {
      // In the middle of a long line: all before it is whole, and it is none of ours.
      const whole =
        end === -1 ? all : Buffer.concat([left(all.subarray(0, end + 1), needles), all.subarray(end + 1)]);
      yield given(whole);
      held = Buffer.alloc(0);
      continue;
    }
    if (end === -1) {
      held = all;
      continue;
    }
    const whole = left(all.subarray(0, end + 1), needles);
    held = Buffer.from(all.subarray(end));
    if (whole.length > 1) yield given(whole.subarray(0, -1));
  }
  yield given(held);
}

function left(text: Buffer, needles: readonly Buffer[]): Buffer {
  let rest = text;
  for (const needle of needles) {
    for (let at = rest.indexOf(needle); at !== -1; at = rest.indexOf(needle))
      rest = Buffer.concat([rest.subarray(0, at), rest.subarray(at + needle.length - 1)]);
  }
  return rest;
}
