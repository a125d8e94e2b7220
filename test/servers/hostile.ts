/** Servers that do everything wrong, in a process of their own: their sockets are not to be counted as ours. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from './program.ts';

/** What each port does with a connection. */
export const BEHAVIOURS = [
  'silent',
  'drip',
  'flood',
  'httpFlood',
  'reset',
  'cutOff',
  'banner',
  'zeros',
  'hangUp',
  'redirect',
  'http',
  'http500',
  'http401',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Hostile {
  readonly ports: Readonly<Record<Behaviour, number>>;
  /** A port where nobody listens. */
  readonly closedPort: number;
  stop(): Promise<void>;
}

export async function startHostile(): Promise<Hostile> {
  const program = fileURLToPath(new URL('./hostile-program.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ports = await new Promise<Record<Behaviour, number>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<Behaviour, number>));
    child.once('exit', (code) => reject(new Error(`the hostile servers ended with ${code}`)));
  });
  return {
    ports,
    closedPort: await freePort(),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
