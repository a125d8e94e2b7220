/** Things that come while the ones before them are being written share the next write: one round trip for many. */

interface Waiting<In, Out> {
  readonly one: In;
  readonly done: (out: Out | Promise<Out>) => void;
  readonly failed: (error: unknown) => void;
}

/** Asked about each that waits, in the order in which they came: whether it goes along. The first one does. */
export type Fits<In> = (one: In) => boolean;

/** The first so many. */
export const upTo = (most: number) => (): Fits<unknown> => {
  let n = 0;
  return () => n++ < most;
};

/**
 * `write` is given those of a batch and answers each in its place, at once or later; what it throws is thrown to each of
 * them. One that comes alone waits for nobody.
 */
export function createGather<In, Out>(
  write: (batch: readonly In[]) => Promise<readonly (Out | Promise<Out>)[]>,
  newBatch: () => Fits<In>,
): (one: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let busy = false;

  function takeBatch(): readonly Waiting<In, Out>[] {
    const fits = newBatch();
    const goes = new Set(waiting.filter(({ one }) => fits(one)));
    waiting = waiting.filter((one) => !goes.has(one));
    return [...goes];
  }

  async function next(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        const outs = await write(batch.map(({ one }) => one));
        for (const [n, { done }] of batch.entries()) done(outs[n] as Out | Promise<Out>);
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
