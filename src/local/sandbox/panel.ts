/** The panel beside the local workspace: what the sandbox is like now, and buttons that break it. */
import { emptyOfPages, fillWithPages, type Memory } from './redis-fill.ts';
import { messageOf, type SandboxRedis } from './sandbox-redis.ts';
import type { SandboxServices } from './services.ts';
import { LEFT_BEHIND, leaveVolumesBehind } from './volumes.ts';
import type { RunningWatch } from './watch.ts';

export interface PanelButton {
  readonly id: string;
  readonly title: string;
  readonly note: string;
}

export interface PanelState {
  readonly lines: string[];
  readonly buttons: PanelButton[];
}

export interface SandboxPanel {
  state(): Promise<PanelState>;
  /** Resolves when it is done. What goes wrong is a line of the next state, not an exception. */
  press(id: string): Promise<void>;
}

/** What the checks have seen last. */
export interface Seen {
  memory: Memory | null;
  /** Names of the volumes that are there; null: no engine answers. */
  volumes: readonly string[] | null;
  /** Why no engine answers. */
  noEngine: string | null;
}

export interface PanelDeps {
  readonly redis: SandboxRedis;
  readonly services: SandboxServices;
  readonly dockerHost: string;
  readonly watches: readonly RunningWatch[];
  readonly seen: Readonly<Seen>;
  readonly signal: AbortSignal;
}

const PAYMENTS = 'fluxpay-engine';
const MB = 1024 * 1024;

export function createPanel(deps: PanelDeps): SandboxPanel {
  let said: string | null = null;
  let busy: string | null = null;
  return {
    state: async () => ({
      lines: [...stateLines(deps), ...(busy === null ? [] : [busy]), ...(said === null ? [] : [said])],
      buttons: buttonsNow(deps),
    }),
    press: async (id) => {
      const button = buttonsNow(deps).find((one) => one.id === id);
      if (button === undefined) {
        said = 'That button is not there any more; nothing was done.';
        return;
      }
      if (busy !== null) {
        said = `“${button.title}” was not started: something else is still under way.`;
        return;
      }
      busy = `${button.title} …`;
      said = null;
      try {
        said = await carryOut(id, deps);
      } catch (error) {
        said = `${button.title}: ${messageOf(error)}`;
      } finally {
        busy = null;
      }
    },
  };
}

function stateLines({ redis, services, watches, seen }: PanelDeps): string[] {
  const { memory } = seen;
  const used =
    memory === null
      ? 'Redis: running'
      : `Redis: ${Math.round(memory.usedBytes / MB)} of ${Math.round(memory.maxBytes / MB)} MB used (${Math.round(memory.usedPercent)} %)`;
  const volumes =
    seen.volumes === null
      ? (seen.noEngine ?? 'Docker: not looked at yet')
      : `Docker: ${seen.volumes.length} unused sandbox ${seen.volumes.length === 1 ? 'volume' : 'volumes'}`;
  const firing = watches.flatMap((watch) => {
    const since = watch.firingSince();
    return since === null ? [] : [`${watch.alertname} firing since ${since.toISOString().slice(11, 19)} UTC`];
  });
  return [
    redis.status().line ?? used,
    `${PAYMENTS}: ${services.isRunning(PAYMENTS) ? 'running' : 'stopped'}`,
    volumes,
    firing.length === 0 ? 'Alerts: none firing' : `Alerts: ${firing.join(', ')}`,
  ];
}

function buttonsNow({ redis, services, seen }: PanelDeps): PanelButton[] {
  const { state } = redis.status();
  const payments = services.isRunning(PAYMENTS)
    ? { id: 'stop-fluxpay', title: `Stop ${PAYMENTS}`, note: 'then ask /ops health moalog' }
    : { id: 'start-fluxpay', title: `Start ${PAYMENTS}`, note: 'it answers again at once' };
  return [
    ...(state === 'running'
      ? [
          {
            id: 'fill-redis',
            title: 'Fill Redis',
            note: 'raises HighMemoryUsage: a thread opens in #ops-shared',
          },
          {
            id: 'empty-redis',
            title: 'Empty what I filled',
            note: 'removes only the cached pages: the alert ends',
          },
        ]
      : []),
    ...(state === 'stopped' || state === 'failed'
      ? [{ id: 'start-redis', title: 'Start Redis', note: 'with moalog’s keys, made anew' }]
      : []),
    payments,
    ...(seen.volumes !== null && seen.volumes.length < LEFT_BEHIND.length
      ? [
          {
            id: 'leave-volumes',
            title: 'Leave unused volumes behind',
            note: 'three empty, labelled volumes: raises DiskSpaceRunningLow',
          },
        ]
      : []),
  ];
}

async function carryOut(
  id: string,
  { redis, services, dockerHost, signal }: PanelDeps,
): Promise<string | null> {
  switch (id) {
    case 'fill-redis': {
      const pages = await redis.use((connection) => fillWithPages(connection, signal));
      return pages === 0 ? 'Redis is full already.' : `${pages} cached pages written.`;
    }
    case 'empty-redis':
      return `${await redis.use((connection) => emptyOfPages(connection, signal))} cached pages removed.`;
    case 'start-redis':
      await redis.start();
      return null;
    case 'stop-fluxpay':
      await services.stopService(PAYMENTS);
      return null;
    case 'start-fluxpay':
      await services.startService(PAYMENTS);
      return null;
    case 'leave-volumes':
      await leaveVolumesBehind(dockerHost);
      return `${LEFT_BEHIND.length} volumes left behind.`;
    default:
      return null;
  }
}
