/** What `docker stats` shows: processor, memory and processes of a container, or of all that run. */
import { z } from 'zod';
import { readDockerJson } from '../clients/docker-answers.ts';
import type { ProbeContext } from '../domain/probe.ts';
import { saySize } from '../domain/say-facts.ts';
import type { Target } from '../domain/target.ts';
import { containerOf, probeKind, up } from './probe-kind.ts';

const MOST_CONTAINERS = 40;

const settings = z.strictObject({
  /** Every container that runs, not only the service's. */
  all: z.boolean().default(false),
});

/** Docker Engine API, `GET /containers/{id}/stats`. */
const cpu = z.object({
  cpu_usage: z.object({ total_usage: z.number().default(0) }),
  system_cpu_usage: z.number().default(0),
  online_cpus: z.number().default(1),
});
const stats = z.object({
  name: z.string().default(''),
  cpu_stats: cpu,
  precpu_stats: cpu,
  memory_stats: z.object({
    usage: z.number().default(0),
    limit: z.number().default(0),
    stats: z.record(z.string(), z.number()).default({}),
  }),
  // Neither is there for a container that shares the machine's network, or on a kernel without the controller.
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).nullish(),
  blkio_stats: z
    .object({
      io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: z.number() })).nullish(),
    })
    .nullish(),
  pids_stats: z.object({ current: z.number().nullish() }).default({}),
});
type Stats = z.output<typeof stats>;
const running = z.array(z.object({ Id: z.string() }));

export const dockerStats = probeKind<z.output<typeof settings>>({
  name: 'docker.stats',
  settings,
  needs: 'docker',
  facts: {
    memory_percent: { type: 'number', unit: '%' },
    memory_bytes: { type: 'number', unit: 'bytes' },
    cpu_percent: { type: 'number', unit: '%' },
    pids: { type: 'number' },
    containers: { type: 'number' },
    memory_limit_bytes: { type: 'number', unit: 'bytes' },
    network_in_bytes: { type: 'number', unit: 'bytes' },
    network_out_bytes: { type: 'number', unit: 'bytes' },
    block_read_bytes: { type: 'number', unit: 'bytes' },
    block_written_bytes: { type: 'number', unit: 'bytes' },
  },
  async probe(target, { all }, context) {
    const ids = all ? await runningIds(target, context) : [containerOf(target)];
    const rows = await Promise.all(ids.slice(0, MOST_CONTAINERS).map((id) => read(target, id, context)));
    const memory = sum(rows.map((row) => row.memory));
    // Containers without a limit of their own have the whole machine's: one machine, not one for each.
    const limit = Math.max(0, ...rows.map((row) => row.limit));
    const facts = {
      memory_percent: percent(memory, limit),
      memory_bytes: memory,
      cpu_percent: tenth(sum(rows.map((row) => row.cpu))),
      pids: sum(rows.map((row) => row.pids)),
      containers: rows.length,
      memory_limit_bytes: limit,
      network_in_bytes: sum(rows.map((row) => row.networkIn)),
      network_out_bytes: sum(rows.map((row) => row.networkOut)),
      block_read_bytes: sum(rows.map((row) => row.blockRead)),
      block_written_bytes: sum(rows.map((row) => row.blockWritten)),
    };
    return up(facts, table(rows));
  },
});

interface Row {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
  readonly limit: number;
  readonly pids: number;
  readonly networkIn: number;
  readonly networkOut: number;
  readonly blockRead: number;
  readonly blockWritten: number;
}

async function runningIds(target: Target, context: ProbeContext): Promise<string[]> {
  const found = await readDockerJson(target.dockerHost, '/containers/json', running, context);
  return found.map(({ Id }) => Id);
}

async function read(target: Target, id: string, context: ProbeContext): Promise<Row> {
  const path = `/containers/${encodeURIComponent(id)}/stats?stream=false`;
  const found = await readDockerJson(target.dockerHost, path, stats, context);
  const networks = Object.values(found.networks ?? {});
  const blocks = found.blkio_stats?.io_service_bytes_recursive ?? [];
  // cgroup v1 says Read, v2 says read.
  const blockBytes = (wanted: string): number =>
    sum(blocks.filter(({ op }) => op.toLowerCase() === wanted).map(({ value }) => value));
  return {
    name: found.name.replace(/^\//u, ''),
    cpu: cpuPercent(found),
    memory: used(found),
    limit: found.memory_stats.limit,
    pids: found.pids_stats.current ?? 0,
    networkIn: sum(networks.map(({ rx_bytes: bytes }) => bytes)),
    networkOut: sum(networks.map(({ tx_bytes: bytes }) => bytes)),
    blockRead: blockBytes('read'),
    blockWritten: blockBytes('write'),
  };
}

/** As the Docker CLI computes it: of one processor, so eight busy ones are 800 %. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: Stats): number {
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = now.system_cpu_usage - before.system_cpu_usage;
  return own > 0 && all > 0 ? tenth((own / all) * now.online_cpus * 100) : 0;
}

/** Without the page cache that the kernel would give back: cgroup v2, then v1. */
function used({ memory_stats: memory }: Stats): number {
  const cache = memory.stats.inactive_file ?? memory.stats.total_inactive_file ?? 0;
  return Math.max(0, memory.usage - cache);
}

function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${row.cpu} %`,
    `${saySize(row.memory)} / ${saySize(row.limit)}`,
    `${percent(row.memory, row.limit) ?? 0} %`,
    `${saySize(row.networkIn)} / ${saySize(row.networkOut)}`,
    `${saySize(row.blockRead)} / ${saySize(row.blockWritten)}`,
    String(row.pids),
  ]);
  const all = [['NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'], ...cells];
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd([28, 10, 26, 10, 24, 24, 0][i] ?? 0))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : tenth((part / whole) * 100);
const tenth = (value: number): number => Math.round(value * 10) / 10;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
