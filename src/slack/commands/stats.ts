/** `/ops stats`: what each container of a system uses now, as a table and as bars. */
import type { BarRow } from '../../domain/chart.ts';
import { lookupStep } from '../../domain/log-lines.ts';
import type { ProbeResult } from '../../domain/probe.ts';
import type { ServiceEntry } from '../../domain/runbook.ts';
import { saySize } from '../../domain/say-facts.ts';
import { alignColumns } from '../../domain/table.ts';
import { cut, oneLine } from '../../domain/text.ts';
import { askService } from '../../engine/checks/ask-service.ts';
import { postLookup } from '../../engine/checks/post-lookup.ts';
import { aboutSystem } from './about-system.ts';

/** The engine itself takes a second or two: it measures twice, to say what happened between. */
const TIMEOUT_MS = 10_000;
const NAME = 26;
const WHY = 80;
const HEAD = ['SERVICE', 'CONTAINER', 'CPU %', 'MEMORY / LIMIT', 'NET IN / OUT', 'BLOCK R / W', 'PIDS'];

interface Found {
  readonly entry: ServiceEntry;
  readonly result: ProbeResult;
}

export const stats = aboutSystem(
  'stats',
  'stats SYSTEM',
  'processor, memory, network and disk of each of its containers',
  async ({ engine }, system, ask) => {
    const entries = system.services.filter((entry) => entry.target.container !== null);
    if (entries.length === 0) return `No service of ${system.name} has a container.`;
    const found = await Promise.all(
      entries.map(async (entry): Promise<Found> => {
        const step = lookupStep(entry.name, 'docker.stats', {}, TIMEOUT_MS);
        return { entry, result: await askService(engine, system.name, step) };
      }),
    );
    const title = `Containers of ${system.name}`;
    const rows = found.filter(({ result }) => isMeasured(result)).map(barOf);
    await postLookup(engine, {
      askedBy: ask.asker.person,
      askedKey: ask.key,
      channel: ask.asker.channel,
      answerUrl: ask.asker.responseUrl,
      threadTs: ask.asker.threadTs,
      title,
      body: statsTable(found),
      chart: rows.length === 0 ? null : { kind: 'bars', title, at: Date.now(), rows },
      follow: null,
    });
    return null;
  },
);

/** One line a container; below them those that could not be asked, with the reason. */
export function statsTable(found: readonly Found[]): string {
  const measured = found.filter(({ result }) => isMeasured(result));
  const others = found.filter(({ result }) => !isMeasured(result));
  const size = (result: ProbeResult, fact: string): string =>
    saySize(numberOf(result, fact)).replace(' ', '').replace('iB', '');
  const lines = measured.map(({ entry, result }) => [
    cut(entry.name, NAME),
    cut(entry.target.container ?? '', NAME),
    String(numberOf(result, 'cpu_percent')),
    `${size(result, 'memory_bytes')} / ${size(result, 'memory_limit_bytes')}`,
    `${size(result, 'network_in_bytes')} / ${size(result, 'network_out_bytes')}`,
    `${size(result, 'block_read_bytes')} / ${size(result, 'block_written_bytes')}`,
    String(numberOf(result, 'pids')),
  ]);
  const why = others.map(({ entry, result }) => [
    cut(entry.name, NAME),
    result.state === 'up' ? 'does not run' : `${result.state}: ${oneLine(result.reason ?? '', WHY)}`,
  ]);
  return [
    ...(lines.length === 0 ? [] : [alignColumns([HEAD, ...lines])]),
    ...(why.length === 0 ? [] : [alignColumns(why)]),
  ].join('\n\n');
}

/** The engine answers for a container that has ended as well: with nothing in it, and no limit. */
const isMeasured = (result: ProbeResult): boolean =>
  result.state === 'up' && (numberOf(result, 'pids') > 0 || numberOf(result, 'memory_limit_bytes') > 0);

const barOf = ({ entry, result }: Found): BarRow => ({
  name: entry.name,
  cpuPercent: numberOf(result, 'cpu_percent'),
  memoryBytes: numberOf(result, 'memory_bytes'),
});

function numberOf({ facts }: ProbeResult, name: string): number {
  const value = facts[name];
  return typeof value === 'number' ? value : 0;
}
