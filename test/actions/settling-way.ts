/** A TCP way to a server that knows when all that went through it is over, also from a process that was killed. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { waitFor } from '../servers/program.ts';

export interface SettlingWay {
  readonly port: number;
  /** Resolves when the server has closed each connection whose client is gone: what it was sent, it has done. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSettlingWay(targetPort: number): Promise<SettlingWay> {
  const inside = new Set<Socket>();
  const outside = new Set<Socket>();
  const left = new Set<Socket>();
  const server = createServer((from) => {
    inside.add(from);
    const to = connect(targetPort, '127.0.0.1');
    outside.add(to);
    for (const socket of [from, to]) socket.on('error', () => undefined);
    from.once('end', () => left.add(to));
    from.once('close', () => {
      left.add(to);
      inside.delete(from);
      to.end();
    });
    to.once('close', () => {
      outside.delete(to);
      from.destroy();
    });
    from.pipe(to).pipe(from);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    async settled() {
      // Connections are taken in their order: once this one is, so were all before it.
      const before = new Set(inside);
      const last = connect(port, '127.0.0.1');
      await waitFor('the last connection to be taken', 5_000, () =>
        [...inside].some((one) => !before.has(one)),
      );
      last.destroy();
      await waitFor('the server to close its connections', 10_000, () =>
        [...outside].every((one) => !left.has(one)),
      );
    },
    async stop() {
      for (const socket of [...inside, ...outside]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
