/** Socket Mode (docs.slack.dev, "Using Socket Mode"): connections with a ticket, envelopes, acknowledgements, refresh. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { SocketPort } from './deliver.ts';
import { isObject } from './json.ts';
import { BOT } from './people.ts';
import { parseJson } from './read-body.ts';

export interface SocketMode extends SocketPort {
  /** The address for one connection, as apps.connections.open gives it; null: too many are open. */
  ticket(): string | null;
  /** Answers whether the upgrade was for here. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  connections(): number;
  /** As Slack does from time to time: asks for a new connection, then ends the old one. */
  refresh(): void;
  /** Cuts every connection without a word. */
  drop(): void;
}

const PATH = '/slack-workspace/socket';
const MOST_CONNECTIONS = 10;
const PING_MS = 5000;
const LARGEST = 4 * 1024 * 1024;

export function createSocketMode(baseUrl: () => string): SocketMode {
  const tickets = new Set<string>();
  const open = new Set<WebSocket>();
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST });
  const waiting = new Map<string, (body: string) => void>();

  function greet(peer: WebSocket): void {
    const beat = setInterval(() => peer.ping(), PING_MS);
    peer.on('message', (data: RawData) => take(String(data)));
    // What breaks the rules of WebSockets, or is too long, ends its connection alone.
    peer.on('error', () => peer.terminate());
    peer.once('close', () => {
      clearInterval(beat);
      open.delete(peer);
    });
    open.add(peer);
    peer.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.size,
        debug_info: { host: 'local', approximate_connection_time: 18_060 },
        connection_info: { app_id: BOT.appId },
      }),
    );
  }

  function take(textReceived: string): void {
    const answer = parseJson(textReceived);
    if (!isObject(answer)) return;
    const id = String(answer.envelope_id);
    const { payload } = answer;
    waiting.get(id)?.(
      payload === undefined ? '' : typeof payload === 'string' ? payload : JSON.stringify(payload),
    );
  }

  return {
    ticket() {
      if (open.size >= MOST_CONNECTIONS) return null;
      const ticket = randomBytes(12).toString('hex');
      tickets.add(ticket);
      return `${baseUrl().replace(/^http/u, 'ws')}${PATH}?ticket=${ticket}`;
    },
    upgrade(req, socket, head) {
      const url = new URL(req.url ?? '/', 'http://workspace');
      if (url.pathname !== PATH) return false;
      if (!tickets.delete(url.searchParams.get('ticket') ?? '')) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return true;
      }
      webSockets.handleUpgrade(req, socket, head, greet);
      return true;
    },
    isOpen: () => open.size > 0,
    connections: () => open.size,
    send(kind, payload, signal) {
      const peers = [...open];
      const peer = peers[Math.floor(Math.random() * peers.length)];
      const id = randomBytes(12).toString('hex');
      return new Promise<string>((resolve, reject) => {
        const late = (): void => {
          waiting.delete(id);
          reject(signal.reason);
        };
        signal.addEventListener('abort', late, { once: true });
        waiting.set(id, (body) => {
          waiting.delete(id);
          signal.removeEventListener('abort', late);
          resolve(body);
        });
        const accepts = kind !== 'events_api';
        peer?.send(
          JSON.stringify({ envelope_id: id, type: kind, payload, accepts_response_payload: accepts }),
        );
      });
    },
    refresh() {
      for (const peer of open) {
        peer.send(
          JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'local' } }),
        );
      }
    },
    drop() {
      for (const peer of open) peer.terminate();
    },
  };
}
