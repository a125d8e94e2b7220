/** COPY … TO STDOUT into a stream, as fast as the stream takes it and no faster. */
import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';

/** Rows copied. Rejects with the server's error, or the stream's. The statement must be a single COPY to STDOUT. */
export async function copyOut(client: pg.ClientBase, sql: string, to: Writable): Promise<number> {
  const { default: driver } = await import('pg');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const settings = {
    text: sql,
    // A single statement, as in every other place where a runbook's text is run.
    queryMode: 'extended',
    callback: (error: Error | null, result: { rowCount: number | null }) =>
      error === null ? resolve(result.rowCount ?? 0) : reject(error),
  };
  const query = new driver.Query(settings);
  let isPaused = false;
  to.once('error', reject);
  Object.assign(query, {
    handleCopyData: ({ chunk }: { chunk: Uint8Array }, { stream }: { stream: Readable }) => {
      // A copy: the driver uses its buffer again.
      if (to.write(Buffer.from(chunk)) || isPaused) return;
      isPaused = true;
      stream.pause();
      to.once('drain', () => {
        isPaused = false;
        stream.resume();
      });
    },
  });
  client.query(query);
  return promise.finally(() => to.removeListener('error', reject));
}
