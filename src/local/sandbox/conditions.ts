/** What the sandbox watches: its Redis's memory and the volumes it has left behind. */
import type { Seen } from './panel.ts';
import { readMemory } from './redis-fill.ts';
import type { SandboxRedis } from './sandbox-redis.ts';
import { listLeftBehind, sayWhyNoEngine } from './volumes.ts';
import type { Watch } from './watch.ts';

/** Percent of maxmemory from which the alert fires; the runbook's condition has the same bound. */
const HIGH_PERCENT = 85;

export function memoryWatch(redis: SandboxRedis, seen: Seen): Watch {
  return {
    alertname: 'HighMemoryUsage',
    service: 'redis',
    read: async () => {
      const unread = () => {
        seen.memory = null;
        // A Redis that isn't there uses nothing; one that doesn't answer may still be full.
        const isGone = redis.status().state !== 'running';
        return isGone
          ? { holds: false, summary: 'Redis does not run', description: 'It uses no memory.' }
          : null;
      };
      if (redis.status().state !== 'running') return unread();
      const memory = await redis.use(readMemory).catch(() => null);
      if (memory === null) return unread();
      seen.memory = memory;
      const percent = memory.usedPercent.toFixed(1);
      return {
        holds: memory.usedPercent >= HIGH_PERCENT,
        summary: `Redis uses ${percent} % of its memory`,
        description: `moalog’s Redis uses ${memory.usedBytes} of ${memory.maxBytes} bytes (${percent} %); the bound is ${HIGH_PERCENT} %.`,
      };
    },
  };
}

export function volumesWatch(dockerHost: string, seen: Seen): Watch {
  return {
    alertname: 'DiskSpaceRunningLow',
    service: 'docker',
    read: async () => {
      try {
        const volumes = await listLeftBehind(dockerHost);
        seen.volumes = volumes;
        seen.noEngine = null;
        return {
          holds: volumes.length > 0,
          summary: `${volumes.length} unused volumes take up space`,
          description: `No container uses them: ${volumes.join(', ')}.`,
        };
      } catch (error) {
        seen.volumes = null;
        seen.noEngine = sayWhyNoEngine(dockerHost, error);
        return null;
      }
    },
  };
}
