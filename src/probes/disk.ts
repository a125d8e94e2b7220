/** How full the file system is that holds a path of this machine. */
import { statfs } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf } from '../clients/network-error.ts';
import { saySize } from '../domain/say-facts.ts';
import { degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  path: z.string().startsWith('/').max(1000).default('/'),
  /** Of its size, below which it is degraded. */
  minFreePercent: z.number().min(0).max(100).default(10),
});

export const disk = probeKind<z.output<typeof settings>>({
  name: 'disk',
  settings,
  needs: 'nothing',
  facts: {
    free_percent: { type: 'number', unit: '%' },
    used_percent: { type: 'number', unit: '%' },
    free_bytes: { type: 'number', unit: 'bytes' },
    total_bytes: { type: 'number', unit: 'bytes' },
  },
  async probe(_target, { path, minFreePercent }) {
    const found = await statfs(path).catch((error: unknown) => codeOf(error));
    if (typeof found === 'string')
      return { state: 'unknown', reason: `${path} can’t be read (${found})`, facts: {} };
    // As df: what ordinary users may still write, of what they may write at all.
    const used = (found.blocks - found.bfree) * found.bsize;
    const free = found.bavail * found.bsize;
    const percent = used + free === 0 ? 0 : Math.round((free / (used + free)) * 1000) / 10;
    const facts = {
      free_percent: percent,
      used_percent: Math.round((100 - percent) * 10) / 10,
      free_bytes: free,
      total_bytes: found.blocks * found.bsize,
    };
    const output = `${path}: ${saySize(free)} free of ${saySize(facts.total_bytes)} (${percent} %)`;
    if (percent >= minFreePercent) return up(facts, output);
    return degraded(`${percent} % of ${path} is free, less than ${minFreePercent} %`, facts, output);
  },
});
