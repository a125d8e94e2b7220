/** Slack as the peers were measured with: it takes everything at once, and remembers when which text came. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlackStub {
  readonly apiUrl: string;
  /** Resolves when a message that contains `text` has come. */
  seen(text: string): Promise<number>;
  /** How often each of the names that `pattern` finds was posted outside a thread; updates don't count. */
  posted(pattern: RegExp): ReadonlyMap<string, number>;
  posts(): number;
  /** How many names that `pattern` finds have been said, in posts or updates. */
  named(pattern: RegExp): number;
  forget(): void;
  /** Answers 503 to everything while it is so. */
  away: boolean;
  stop(): void;
}

export async function startSlackStub(): Promise<SlackStub> {
  let texts: string[] = [];
  let roots: string[] = [];
  let updates: string[] = [];
  const waiting = new Map<string, (at: number) => void>();
  let n = 0;
  const answer = (method: string, body: string): object => {
    const args = new URLSearchParams(body);
    if (method === 'auth.test') return { ok: true, team_id: 'T0BENCH', user_id: 'U0BOT', bot_id: 'B0BOT' };
    if (method === 'conversations.list')
      return { ok: true, channels: [{ id: 'C0BENCH', name: 'ops-shared' }] };
    if (method === 'conversations.history' || method === 'conversations.replies')
      return { ok: true, messages: [], has_more: false };
    if (method === 'chat.postMessage') {
      n += 1;
      const text = args.get('text') ?? '';
      texts.push(text);
      if (!args.has('thread_ts')) roots.push(text);
      const at = performance.now();
      for (const [wanted, resolve] of waiting) {
        if (!text.includes(wanted)) continue;
        waiting.delete(wanted);
        resolve(at);
      }
    }
    if (method === 'chat.update') updates.push(args.get('text') ?? '');
    return {
      ok: true,
      channel: 'C0BENCH',
      ts: args.get('ts') ?? `${1_700_000_000 + n}.${String(n % 1e6).padStart(6, '0')}`,
    };
  };
  const stub = { away: false };
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      if (stub.away) return void res.writeHead(503).end();
      res.setHeader('content-type', 'application/json');
      res.end(
        JSON.stringify(answer((req.url ?? '').split('/').at(-1) ?? '', Buffer.concat(parts).toString())),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(stub, {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    seen: (text: string) => new Promise<number>((resolve) => waiting.set(text, resolve)),
    posted: (pattern: RegExp) => {
      const counts = new Map<string, number>();
      for (const text of roots)
        for (const name of new Set(text.match(pattern) ?? [])) counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts;
    },
    posts: () => n,
    named: (pattern: RegExp) =>
      new Set([...texts, ...updates].flatMap((text) => text.match(pattern) ?? [])).size,
    forget: () => {
      texts = [];
      roots = [];
      updates = [];
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
