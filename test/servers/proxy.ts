/** A TCP way to a server, which can be cut and joined again: the server "goes away" on the same address. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Way {
  readonly port: number;
  /** Every connection breaks, and new ones are refused. */
  cut(): Promise<void>;
  join(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<Way> {
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(targetPort, '127.0.0.1');
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
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, cut, join: () => listen(port), stop: () => (server.listening ? cut() : Promise.resolve()) };
}
