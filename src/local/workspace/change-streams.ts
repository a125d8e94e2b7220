/** Server-sent events that tell open pages to look again: soon after a change, and every second for the sandbox's lines. */
import type { ServerResponse } from 'node:http';
import type { Store } from './store.ts';

export interface ChangeStreams {
  open(res: ServerResponse): void;
  /** Ends every stream, so that the server can close. */
  close(): void;
}

const BEAT_MS = 1000;
/** Many changes at once are told as one. */
const TOGETHER_MS = 30;

export function createChangeStreams(store: Store): ChangeStreams {
  const streams = new Set<ServerResponse>();
  let soon: NodeJS.Timeout | null = null;
  const tell = (): void => {
    soon = null;
    for (const res of streams) res.write('data: changed\n\n');
  };
  const tellSoon = (): void => {
    if (streams.size > 0) soon ??= setTimeout(tell, TOGETHER_MS);
  };
  const stopListening = store.onChange(tellSoon);
  const beat = setInterval(tellSoon, BEAT_MS);
  beat.unref();
  return {
    open(res) {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      streams.add(res);
      res.once('close', () => streams.delete(res));
      res.write('retry: 500\n\ndata: changed\n\n');
    },
    close() {
      clearInterval(beat);
      if (soon !== null) clearTimeout(soon);
      stopListening();
      for (const res of streams) res.end();
      streams.clear();
    },
  };
}
