/** A line to a server that, once deaf, carries what is sent, drops what is answered, and hangs up. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function startDeafLine(serverPort: number) {
  let deaf = false;
  const server = createServer((inside) => {
    const outside = connect(serverPort, '127.0.0.1');
    for (const socket of [inside, outside]) socket.on('error', () => undefined);
    inside.pipe(outside);
    outside.on('data', (part) => {
      if (deaf) inside.destroy();
      else inside.write(part);
    });
    inside.once('close', () => outside.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    deafen: () => {
      deaf = true;
    },
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}
