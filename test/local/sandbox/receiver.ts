/** The bot's /alertmanager, as far as the sandbox sees it: keeps what it is sent, answers what it is told to. */
import { createServer } from 'node:http';
import { z } from 'zod';

const Body = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  status: z.enum(['firing', 'resolved']),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.object({ summary: z.string(), description: z.string() }),
        startsAt: z.iso.datetime(),
        endsAt: z.iso.datetime(),
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .length(1),
});
export type Received = z.infer<typeof Body> & { readonly answered: number };

export interface Receiver {
  readonly url: string;
  readonly token: string;
  /** What came with the right token, in order. */
  readonly received: Received[];
  /** Statuses for the next requests; 200 when there are none left. */
  readonly answers: number[];
  of(alertname: string, status?: 'firing' | 'resolved'): Received[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const token = 'a-token-for-the-sandbox';
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const isKnown = request.headers.authorization === `Bearer ${token}`;
      const answered = isKnown ? (answers.shift() ?? 200) : 401;
      if (isKnown) received.push({ ...Body.parse(JSON.parse(Buffer.concat(parts).toString())), answered });
      response.writeHead(answered).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/alertmanager`,
    token,
    received,
    answers,
    of: (alertname, status) =>
      received.filter(
        (one) =>
          one.alerts[0]?.labels.alertname === alertname && (status === undefined || one.status === status),
      ),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
