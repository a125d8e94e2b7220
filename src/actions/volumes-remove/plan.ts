/** Which volumes would go, worked out from the live engine. Only reads. */
import { openDocker } from '../../clients/docker.ts';
import {
  type ActionContext,
  isRefused,
  type PlanDraft,
  type Refused,
  type ScopeItem,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayAge, sayBytes, sayCount } from '../say-size.ts';
import { answeredWith, type Engine, readEngine, unusedVolumes, type Volume, volumeSizes } from './engine.ts';
import { engineMarker, KEPT_BECAUSE, type Kept, volumeId, whyKept } from './guard.ts';

const NAMES_SHOWN = 8;

export async function planRemoval(target: Target, context: ActionContext): Promise<PlanDraft | Refused> {
  const { signal } = context;
  signal.throwIfAborted();
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  try {
    const engine = await readEngine(docker, signal);
    const marked = engineMarker(engine, target);
    if (isRefused(marked)) return marked;
    const sorted = sortOut(await unusedVolumes(docker, signal), target, context);
    if (sorted.goes.length === 0) {
      const why = sorted.kept.length === 0 ? '' : `: ${sorted.kept.join('; ')}`;
      return { refused: `no unused volume to remove on ${oneLine(engine.name, 60)}${why}` };
    }
    const sizes = await volumeSizes(docker, context.timeoutMs / 2, signal);
    return draft(engine, marked.marker, sorted, sizes);
  } catch (error) {
    signal.throwIfAborted();
    const answer = answeredWith(error);
    if (answer !== null) return { refused: `the engine refused: ${oneLine(answer.message)}` };
    throw error;
  }
}

interface Sorted {
  readonly goes: readonly Volume[];
  /** One line for each reason to keep some. */
  readonly kept: readonly string[];
}

function sortOut(unused: readonly Volume[], target: Target, context: ActionContext): Sorted {
  const goes: Volume[] = [];
  const kept = new Map<Kept, string[]>();
  for (const volume of [...unused].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const why = whyKept(volume, target, context.self);
    if (why === null) goes.push(volume);
    else kept.set(why, [...(kept.get(why) ?? []), oneLine(volume.name, 60)]);
  }
  return { goes, kept: [...kept].map(([why, names]) => sayKept(why, names)) };
}

function sayKept(why: Kept, names: readonly string[]): string {
  // In local mode a newcomer's own volumes are nobody's business: they are counted, not named.
  const shown = why === 'sandbox' ? [] : names.slice(0, NAMES_SHOWN);
  const more = names.length - shown.length;
  const list = shown.length === 0 ? '' : ` (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
  return `${sayCount(names.length, 'unused volume')} kept, ${KEPT_BECAUSE[why]}${list}`;
}

function draft(
  engine: Engine,
  marker: string | null,
  { goes, kept }: Sorted,
  sizes: ReadonlyMap<string, number>,
): PlanDraft {
  const rows = goes.map((volume) => {
    const size = sizes.get(volume.name);
    const madeAt = Date.parse(volume.createdAt ?? '');
    const made = Number.isNaN(madeAt) ? (volume.createdAt ?? '?') : `${sayAge(Date.now() - madeAt)} ago`;
    return { volume, name: volume.name, size: size === undefined ? 'size unknown' : sayBytes(size), made };
  });
  const items: ScopeItem[] = rows.map(({ volume, name, size, made }) => ({
    id: volumeId(volume),
    name,
    note: `${size} · made ${made}`,
  }));
  const known = goes.flatMap(({ name }) => sizes.get(name) ?? []);
  const total = sayBytes(known.reduce((sum, size) => sum + size, 0));
  const unknown = goes.length - known.length;
  return {
    identity: { engine_id: engine.id, engine_name: engine.name },
    marker,
    scope: { kind: 'items', items },
    preview: [
      `engine ${oneLine(engine.name, 60)}`,
      ...table([{ name: 'VOLUME', size: 'SIZE', made: 'MADE' }, ...rows]),
      `total: ${sayCount(goes.length, 'volume')}, ${total}${unknown > 0 ? ` and ${unknown} of unknown size` : ''}`,
      ...kept,
    ],
    undo: { kind: 'none', reason: "a removed volume can't be brought back" },
  };
}

interface Row {
  readonly name: string;
  readonly size: string;
  readonly made: string;
}

function table(rows: readonly Row[]): string[] {
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const sizeWidth = Math.max(...rows.map(({ size }) => size.length));
  return rows.map(
    ({ name, size, made }) => `${name.padEnd(nameWidth)}  ${size.padStart(sizeWidth)}  ${made}`,
  );
}
