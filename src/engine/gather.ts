/** Things that come while the ones before them are being written share the next write: one round trip for many. */

interface Waiting<In, Out> {
  readonly one: In;
  readonly done: (out: Out) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * `write` is given at most `most` at once and answers each in its place; what it throws is thrown to each of them. One
 * that comes alone waits for nobody.
 */
export function createGather<In, Out>(
  write: (batch: readonly In[]) => Promise<readonly Out[]>,
  most: number,
): (one: In) => Promise<Out> {
  const waiting: Waiting<In, Out>[] = [];
  let busy = false;

  async function next(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      try {
        const outs = await write(batch.map(({ one }) => one));
        for (const [n, { done }] of batch.entries()) done(outs[n] as Out);
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    busy = false;
  }

  return (one) =>
    new Promise((done, failed) => {
      waiting.push({ one, done, failed });
      if (!busy) void next();
    });
}
