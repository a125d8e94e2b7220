/** What a probe must not leave behind in its process. */
import { readdirSync, readlinkSync } from 'node:fs';

/** Open sockets of this process, by the kernel's own list. */
export function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

/** Resident bytes. */
export const memory = (): number => process.memoryUsage().rss;
