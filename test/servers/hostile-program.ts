/** The process that `hostile.ts` starts: one port for each behaviour, told to the parent. */
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';

const FLOOD_BYTES = 100 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Writes 100 MB as fast as they are taken. */
function flood(socket: Socket, head: string): void {
  let left = FLOOD_BYTES;
  socket.write(head);
  const go = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= CHUNK.length;
      if (!socket.write(CHUNK)) {
        socket.once('drain', go);
        return;
      }
    }
    socket.end();
  };
  go();
}

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('H'), 1000);
  socket.once('close', () => clearInterval(timer));
}

const HTTP_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const raw: Readonly<Record<string, (socket: Socket) => void>> = {
  silent: () => undefined,
  drip,
  flood: (socket) => flood(socket, ''),
  httpFlood: (socket) => flood(socket, `${HTTP_HEAD}content-length: ${FLOOD_BYTES}\r\n\r\n`),
  reset: (socket) => {
    socket.write('H');
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  cutOff: (socket) =>
    void socket.once('data', () => socket.end(`${HTTP_HEAD}content-length: 100\r\n\r\nhal`)),
  zeros: (socket) => void socket.write(Buffer.alloc(4096)),
  banner: (socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'),
  hangUp: (socket) => void socket.end(),
};
const web: Readonly<Record<string, RequestListener>> = {
  redirect: (request, response) => {
    response.writeHead(302, { location: request.url ?? '/' }).end('elsewhere');
  },
  http: (_request, response) => void response.end('<!doctype html><title>A shop</title>'),
  http500: (_request, response) => void response.writeHead(503).end('out of order'),
  http401: (_request, response) => void response.writeHead(401).end('who are you?'),
};

const ports: Record<string, number> = {};
const listening: Promise<void>[] = [];
function listen(name: string, server: ReturnType<typeof createServer>): void {
  listening.push(
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address !== null && typeof address === 'object') ports[name] = address.port;
        resolve();
      });
    }),
  );
}
for (const [name, behave] of Object.entries(raw)) {
  listen(
    name,
    createServer((socket) => {
      socket.on('error', () => undefined);
      // Reads on, so that it sees the other side go.
      socket.resume();
      behave(socket);
    }),
  );
}
for (const [name, answer] of Object.entries(web)) listen(name, createHttp(answer));
await Promise.all(listening);
process.send?.(ports);
process.once('disconnect', () => process.exit());
