/** The small moalog to break in local mode: a real Redis, eight services, and what watches over them. */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { memoryWatch, volumesWatch } from './conditions.ts';
import { createPanel, type SandboxPanel, type Seen } from './panel.ts';
import { passwordFile } from './redis-address.ts';
import { openSandboxRedis, type SandboxRedis } from './sandbox-redis.ts';
import { openServices } from './services.ts';
import { startWatch, type WatchPace } from './watch.ts';

export interface SandboxOptions {
  /** The bot's data folder; the sandbox keeps to `sandbox/` in it. */
  readonly dataDir: string;
  /** The bot's `/alertmanager`, with its bearer token. */
  readonly webhook: { readonly url: () => string; readonly token: string };
  /** The embedded server, shown as moalog's; null: the sandbox has none. */
  readonly postgresUrl: string | null;
  readonly dockerHost: string;
  readonly log: (message: string, fields?: object) => void;
  readonly signal: AbortSignal;
  /** Where programs are looked for; the process's own PATH when absent. */
  readonly path?: string;
  readonly pace?: WatchPace;
}

export interface Sandbox {
  /** To be laid under the process's own environment before the catalog is loaded. */
  readonly env: Readonly<Record<string, string>>;
  readonly panel: SandboxPanel;
  /** Lines for the start screen. */
  readonly firstWords: readonly string[];
  /** Ends everything that was started here, Redis included. */
  stop(): Promise<void>;
}

const PACE: WatchPace = { readMs: 1_000, repeatMs: 30_000 };
/** An address that says why there is none: the catalog shows the words as the reason of `unknown`. */
const NOT_HERE = 'none:not part of the sandbox';

/** @throws when the folder can't be written or no port can be had; a missing Redis or Docker is no error. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const dir = join(options.dataDir, 'sandbox');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const machine = {
    path: options.path ?? process.env.PATH ?? '',
    isRoot: process.getuid?.() === 0,
    dockerHost: options.dockerHost,
  };
  const services = await openServices(dir);
  const redis = await openSandboxRedis({ dir, machine, log: options.log, signal });

  const seen: Seen = { memory: null, volumes: null, noEngine: null };
  const watching = { dir, webhook: options.webhook, pace: options.pace ?? PACE, log: options.log, signal };
  const watches = [
    await startWatch(memoryWatch(redis, seen), watching),
    await startWatch(volumesWatch(options.dockerHost, seen), watching),
  ];
  return {
    env: {
      ...Object.fromEntries(Object.entries(services.urls).map(([name, url]) => [variableOf(name), url])),
      [variableOf('redis')]: redis.address.url,
      [variableOf('postgres')]: options.postgresUrl ?? NOT_HERE,
      [variableOf('mysql')]: NOT_HERE,
      [variableOf('kafka')]: NOT_HERE,
    },
    panel: createPanel({ redis, services, dockerHost: options.dockerHost, watches, seen, signal }),
    firstWords: firstWords(redis, dir),
    stop: async () => {
      ending.abort();
      await Promise.all(watches.map((watch) => watch.done));
      await Promise.all([services.stop(), redis.stop()]);
    },
  };
}

/** `MOALOG_RATE_LIMITER_URL` */
function variableOf(service: string): string {
  return `MOALOG_${service.toUpperCase().replaceAll('-', '_')}_URL`;
}

function firstWords(redis: SandboxRedis, dir: string): string[] {
  const { line } = redis.status();
  if (line !== null) return [line];
  const near = relative(process.cwd(), passwordFile(dir));
  const file = near.startsWith('..') ? passwordFile(dir) : near;
  return [
    'Sandbox: a small moalog with a real Redis of 64 MB. Fill it from the panel, or by hand:',
    `  REDISCLI_AUTH=$(cat ${file}) redis-cli -p ${redis.address.port}`,
  ];
}
