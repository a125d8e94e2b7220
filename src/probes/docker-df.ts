/** What `docker system df` shows, and which unused volumes nobody that we know of wants. */
import { z } from 'zod';
import { readDockerJson } from '../clients/docker-answers.ts';
import { inTurn } from '../clients/docker-busy.ts';
import type { Facts } from '../domain/probe.ts';
import { saySize } from '../domain/say-facts.ts';
import type { Target } from '../domain/target.ts';
import { probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({});

/** -1: the engine has not measured it. */
const size = z
  .number()
  .default(0)
  .transform((bytes) => Math.max(0, bytes));
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
/** Docker Engine API, `GET /system/df`. */
const diskUsage = z.object({
  LayersSize: size,
  Images: list(z.object({ Containers: z.number().default(0), Size: size, SharedSize: size })),
  Containers: list(z.object({ SizeRw: size, State: z.string().default('') })),
  Volumes: list(
    z.object({
      Name: z.string(),
      Labels: z.record(z.string(), z.string()).nullish(),
      UsageData: z.object({ RefCount: z.number(), Size: size }).nullish(),
    }),
  ),
  BuildCache: list(
    z.object({ Size: size, InUse: z.boolean().default(false), Shared: z.boolean().default(false) }),
  ),
});
type DiskUsage = z.output<typeof diskUsage>;
type Volume = DiskUsage['Volumes'][number];

export const dockerDf = probeKind<z.output<typeof settings>>({
  name: 'docker.df',
  settings,
  needs: 'docker',
  facts: {
    removable_volumes: { type: 'number' },
    removable_volumes_bytes: { type: 'number', unit: 'bytes' },
    unused_volumes: { type: 'number' },
    unused_volumes_bytes: { type: 'number', unit: 'bytes' },
    volumes_count: { type: 'number' },
    volumes_bytes: { type: 'number', unit: 'bytes' },
    images_bytes: { type: 'number', unit: 'bytes' },
    containers_bytes: { type: 'number', unit: 'bytes' },
    build_cache_bytes: { type: 'number', unit: 'bytes' },
  },
  async probe(target, _settings, context) {
    const ask = () => readDockerJson(target.dockerHost, '/system/df', diskUsage, context);
    const usage = await inTurn(ask, context.signal);
    return up(learnt(usage, target), table(usage));
  },
});

function learnt(usage: DiskUsage, target: Target): Facts {
  const unused = usage.Volumes.filter(isUnused);
  const removable = unused.filter((volume) => nobodyWants(volume, target));
  return {
    removable_volumes: removable.length,
    removable_volumes_bytes: bytesOf(removable),
    unused_volumes: unused.length,
    unused_volumes_bytes: bytesOf(unused),
    volumes_count: usage.Volumes.length,
    volumes_bytes: bytesOf(usage.Volumes),
    images_bytes: usage.LayersSize,
    containers_bytes: sum(usage.Containers.map((container) => container.SizeRw)),
    build_cache_bytes: sum(usage.BuildCache.filter((entry) => !entry.Shared).map((entry) => entry.Size)),
  };
}

const isUnused = (volume: Volume): boolean => volume.UsageData?.RefCount === 0;

/** Neither the catalog names it nor does a system's Compose project label it (docs/design.md, invariant 10). */
function nobodyWants(volume: Volume, target: Target): boolean {
  const labels = volume.Labels ?? {};
  if (target.catalogVolumes.includes(volume.Name)) return false;
  if (target.composeProjects.includes(labels['com.docker.compose.project'] ?? '')) return false;
  return !target.sandboxOnly || labels['pageturner.sandbox'] === 'true';
}

function table(usage: DiskUsage): string {
  const idleImages = usage.Images.filter((image) => image.Containers === 0);
  const idleContainers = usage.Containers.filter((container) => container.State !== 'running');
  const idleVolumes = usage.Volumes.filter(isUnused);
  const ownCache = usage.BuildCache.filter((entry) => !entry.Shared);
  const rows = [
    ['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'],
    row(
      'Images',
      usage.Images.length,
      idleImages.length,
      usage.LayersSize,
      sum(idleImages.map((i) => i.Size - i.SharedSize)),
    ),
    row(
      'Containers',
      usage.Containers.length,
      idleContainers.length,
      sum(usage.Containers.map((c) => c.SizeRw)),
      sum(idleContainers.map((c) => c.SizeRw)),
    ),
    row(
      'Local Volumes',
      usage.Volumes.length,
      idleVolumes.length,
      bytesOf(usage.Volumes),
      bytesOf(idleVolumes),
    ),
    row(
      'Build Cache',
      usage.BuildCache.length,
      usage.BuildCache.filter((entry) => !entry.InUse).length,
      sum(ownCache.map((entry) => entry.Size)),
      sum(ownCache.filter((entry) => !entry.InUse).map((entry) => entry.Size)),
    ),
  ];
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd([16, 8, 9, 12, 0][i] ?? 0))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

function row(type: string, total: number, idle: number, bytes: number, reclaimable: number): string[] {
  return [type, String(total), String(total - idle), saySize(bytes), saySize(reclaimable)];
}

const bytesOf = (volumes: readonly Volume[]): number =>
  sum(volumes.map((volume) => volume.UsageData?.Size ?? 0));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
