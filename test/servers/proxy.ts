/** A TCP way to a server, which can be cut and joined again: the server "goes away" on the same address. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Way {
  readonly port: number;
  /** Every connection breaks, and new ones are refused. */
  cut(): void;
  /** To the same server, or to one on another port. */
  join(toPort?: number): Promise<void>;
}

/** `target`: where to; a function when the server comes back on another port. */
export async function startProxy(target: number | (() => number)): Promise<Way> {
  const sockets = new Set<Socket>();
  let at = target;
  let server: Server = createServer();

  function take(inside: Socket): void {
    const outside = connect(typeof at === 'number' ? at : at(), '127.0.0.1');
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        inside.destroy();
        outside.destroy();
      });
    }
    inside.pipe(outside).pipe(inside);
  }
  async function listen(port: number): Promise<void> {
    server = createServer(take);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  }
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    join(toPort) {
      at = toPort ?? at;
      return listen(port);
    },
  };
}
