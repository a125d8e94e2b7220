/** A process that opens a sandbox and holds it until it is killed: `hold-sandbox.ts DATA_DIR WEBHOOK_URL TOKEN`. */
import { openSandbox } from '../../../src/local/sandbox/open-sandbox.ts';

const [dataDir = '', url = '', token = ''] = process.argv.slice(2);
const sandbox = await openSandbox({
  dataDir,
  webhook: { url: () => url, token },
  postgresUrl: null,
  dockerHost: 'unix:///nowhere/docker.sock',
  log: () => undefined,
  signal: new AbortController().signal,
  pace: { readMs: 50, repeatMs: 200 },
});
await sandbox.panel.press('fill-redis');
process.stdout.write(`${JSON.stringify(sandbox.env)}\n`);
