/** A process that opens the embedded PostgreSQL and holds it until it is killed: `hold-postgres.ts DATA_DIR`. */
import { openEmbeddedPostgres } from '../../src/local/embedded-postgres.ts';

const server = await openEmbeddedPostgres({
  dataDir: process.argv[2] ?? '',
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify({ url: server.url, ownerUrl: server.ownerUrl, pid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
