/** A disk of a few megabytes (tmpfs), to be filled. Needs the right to mount. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room but `spare` bytes. */
  fill(spare?: number): void;
  /** Gives the room back. */
  free(): void;
  remove(): void;
}

const CHUNK = 64 * 1024;

/** @throws where mounting is not allowed: what a full disk does can't be shown there. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', folder], {
      stdio: 'pipe',
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('no small disk can be mounted: run as root, where mounting is allowed', { cause: error });
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill(spare = 0) {
      const file = openSync(filler, 'a');
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(folder);
          const room = bavail * bsize - spare;
          if (room <= 0) return;
          writeSync(file, Buffer.alloc(Math.min(CHUNK, room)));
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
