/** A real HTTP service with things in it, which one call takes away; and another one, where it may move to. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { Call, Target } from '../../src/domain/target.ts';
import { call, declared } from './declared.ts';
import { target } from './fixtures.ts';
import { startSettlingWay } from './settling-way.ts';

export const PASSWORD = 'not-to-be-shown';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpBench {
  /** Changes when the service moves. */
  readonly target: () => Target;
  readonly gone: Partial<Target>;
  /** The target with this call, named `clean`. */
  with(changes: Partial<Call>): Target;
  fill(): void;
  replace(): void;
  settled(): Promise<void>;
  readonly things: () => readonly string[];
  readonly received: Received[];
  /** What the service does with a request, instead of answering 200 with JSON. */
  answer: ((received: Received, server: Answering) => void) | null;
  stop(): Promise<void>;
}

export interface Answering {
  send(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  hangUp(): void;
}

export async function startHttpBench(): Promise<HttpBench> {
  let things: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const received = { method, url, headers, body: Buffer.concat(parts).toString('utf8') };
      bench.received.push(received);
      if (bench.answer !== null) {
        bench.answer(received, {
          send: (status, body, more = {}) => outgoing.writeHead(status, more).end(body),
          hangUp: () => incoming.socket.destroy(),
        });
        return;
      }
      if (method !== 'GET') things = [];
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"left":0}');
    });
  });
  const port = await listen(server);
  const ways = [await startSettlingWay(port), await startSettlingWay(port)];
  let moved = 0;
  const at = (index: number) => `http://ops:${PASSWORD}@127.0.0.1:${ways[index]?.port}/app`;
  const clean = (changes: Partial<Call> = {}): Target =>
    target({
      service: 'docker',
      declared: declared({
        calls: {
          clean: call({
            url: at(moved),
            path: '/things/{what}',
            query: { date: '{date}' },
            headers: { 'X-Token': PASSWORD },
            body: { why: 'on {date}' },
            ...changes,
          }),
        },
      }),
    });
  const bench: HttpBench = {
    target: () => clean(),
    gone: clean({ url: `http://ops:${PASSWORD}@127.0.0.1:1` }),
    with: clean,
    fill() {
      things = ['a', 'b'];
      moved = 0;
      bench.received.length = 0;
      bench.answer = null;
    },
    replace: () => {
      moved = 1;
    },
    settled: async () => {
      for (const way of ways) await way.settled();
    },
    things: () => things,
    received: [],
    answer: null,
    async stop() {
      for (const way of ways) await way.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return bench;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
