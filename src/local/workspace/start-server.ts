/** A workspace on a port of its own, for tests. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openWorkspace, type Workspace, type WorkspaceOptions } from './open-workspace.ts';

export interface WorkspaceServer {
  readonly url: string;
  /** What SLACK_API_URL takes. */
  readonly apiUrl: string;
  readonly workspace: Workspace;
  stop(): Promise<void>;
}

export async function startWorkspaceServer(
  options: Omit<WorkspaceOptions, 'baseUrl'>,
): Promise<WorkspaceServer> {
  let port = 0;
  const url = () => `http://127.0.0.1:${port}`;
  const workspace = await openWorkspace({ ...options, baseUrl: url });
  const server = createServer((req, res) => {
    workspace.handle(req, res).then(
      (own) => {
        if (!own) res.writeHead(404).end();
      },
      (error: unknown) => {
        options.log('the workspace failed', { error: String(error) });
        res.destroy();
      },
    );
  });
  server.on('upgrade', (req, socket, head) => {
    if (!workspace.socketMode.upgrade(req, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // Listening on a port of an IP address, the server's address is always this.
  port = (server.address() as AddressInfo).port;
  return {
    url: url(),
    apiUrl: `${url()}/slack-workspace/api/`,
    workspace,
    async stop() {
      await workspace.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
