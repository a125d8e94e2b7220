/**
 * Preloaded into the bot's process (`node --import`): numbers every journal write and every call to the outside, and
 * ends the process with SIGKILL at one of them. The product has no hooks: PostgreSQL's client is wrapped, and Node's
 * own diagnostics channels tell of HTTP.
 *
 * FAULT_LOG: a file that takes one line for each call: `P LABEL` a point, `- LABEL` one that is not (before the first
 * alert, or periodic), `K …` the kill. FAULT_POINT, FAULT_NUMBER, FAULT_WHEN: where to kill. FAULT_FROM_START: points
 * are counted from the process's first moment.
 */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  callLabel,
  isPoint,
  isWrite,
  queueLabel,
  statementLabel,
  targetLabel,
  transactionWord,
} from './labels.ts';

const { FAULT_LOG, FAULT_POINT, FAULT_NUMBER, FAULT_WHEN, FAULT_FROM_START, REDIS_URL } = process.env;
const queuePort = REDIS_URL === undefined ? 0 : Number(new URL(REDIS_URL).port);
const counts = new Map<string, number>();
/** From the first alert on: what comes before is the start, which has its own test. */
let begun = FAULT_FROM_START !== undefined;

/** Counts a call. Kills before it, or returns what is to be called when it is done. */
function point(label: string): () => void {
  const n = (counts.get(label) ?? 0) + 1;
  const counted = begun && isPoint(label, n);
  if (begun) counts.set(label, n);
  write(`${counted ? 'P' : '-'} ${label}`);
  if (!counted || label !== FAULT_POINT || n !== Number(FAULT_NUMBER)) return () => undefined;
  if (FAULT_WHEN === 'before') die(label);
  return () => die(label);
}

function write(line: string): void {
  if (FAULT_LOG) appendFileSync(FAULT_LOG, `${line}\n`);
}

function die(label: string): void {
  write(`K ${FAULT_WHEN} ${label} #${FAULT_NUMBER}`);
  process.kill(process.pid, 'SIGKILL');
}

/** Calls `done` before whoever waits for the result goes on. */
function whenSettled(result: unknown, done: () => void): unknown {
  if (!(result instanceof Promise)) return result;
  return result.finally(done);
}

const transactions = new WeakMap<object, string>();

function wrapPostgres(): void {
  const original = pg.Client.prototype.query;
  const query = function (this: pg.Client, ...args: unknown[]): unknown {
    const [first] = args;
    const text =
      typeof first === 'string' ? first : ((first as { readonly text?: string } | null)?.text ?? '');
    const word = transactionWord(text);
    if (word === 'begin') transactions.delete(this);
    if (!isWrite(text)) return Reflect.apply(original, this, args);
    const label = statementLabel(text, transactions.get(this) ?? 'nothing');
    if (word === null && !transactions.has(this)) transactions.set(this, label);
    const done = point(label);
    const last = args.at(-1);
    if (typeof last !== 'function') return whenSettled(Reflect.apply(original, this, args), done);
    const callback = (...values: unknown[]): void => {
      done();
      Reflect.apply(last, undefined, values);
    };
    return Reflect.apply(original, this, [...args.slice(0, -1), callback]);
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: query, configurable: true, writable: true });
}

const scripts = new Map<string, string>();

function wrapRedis(): void {
  const define = Redis.prototype.defineCommand;
  Object.defineProperty(Redis.prototype, 'defineCommand', {
    configurable: true,
    writable: true,
    value(this: Redis, name: string, definition: { readonly lua: string }): unknown {
      scripts.set(createHash('sha1').update(definition.lua).digest('hex'), name.split(':')[0] ?? name);
      return Reflect.apply(define, this, [name, definition]);
    },
  });
  const original = Redis.prototype.sendCommand;
  Object.defineProperty(Redis.prototype, 'sendCommand', {
    configurable: true,
    writable: true,
    value(
      this: Redis,
      command: {
        readonly name: string;
        readonly args: readonly unknown[];
        readonly promise: Promise<unknown>;
      },
      ...rest: unknown[]
    ): unknown {
      const isQueue = this.options.port === queuePort;
      const label = isQueue
        ? queueLabel(command.name, scriptOf(command.name, String(command.args[0])))
        : targetLabel(command.name, command.args);
      if (label === null || seen.has(command)) return Reflect.apply(original, this, [command, ...rest]);
      seen.add(command);
      const done = point(label);
      // Its reactions run in the order in which they were asked for: this one is the first.
      command.promise.then(done, done);
      return Reflect.apply(original, this, [command, ...rest]);
    },
  });
}
/** `evalsha` names a script by its hash; `eval`, the first time a server sees it, gives the whole of it. */
function scriptOf(command: string, first: string): string | null {
  const hash = command === 'eval' ? createHash('sha1').update(first).digest('hex') : first;
  return scripts.get(hash) ?? null;
}

/** A command that waited for its connection is sent a second time by the client itself. */
const seen = new WeakSet<object>();

interface OutgoingMessage {
  readonly request: object & { readonly method: string; readonly path: string };
}
interface IncomingRequest {
  readonly request: { readonly method?: string; readonly url?: string };
}
const underWay = new WeakMap<object, () => void>();

function listenToHttp(): void {
  subscribe('undici:request:create', (message) => {
    const { request } = message as OutgoingMessage;
    underWay.set(request, point(callLabel(request.method, request.path)));
  });
  subscribe('undici:request:headers', (message) => {
    underWay.get((message as OutgoingMessage).request)?.();
  });
  subscribe('http.server.request.start', (message) => {
    const { request } = message as IncomingRequest;
    if (request.method === 'POST' && request.url === '/alertmanager') begun = true;
  });
  const end = ServerResponse.prototype.end;
  Object.defineProperty(ServerResponse.prototype, 'end', {
    configurable: true,
    writable: true,
    value(this: ServerResponse, ...args: unknown[]): unknown {
      const { method = '', url = '' } = this.req;
      if (method !== 'POST') return Reflect.apply(end, this, args);
      const done = point(`answer ${method} ${url} ${this.statusCode}`);
      this.once('finish', done);
      return Reflect.apply(end, this, args);
    },
  });
}

wrapPostgres();
wrapRedis();
listenToHttp();
