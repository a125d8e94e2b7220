/** Storms go on from the journal: new lines are put on pages, changed ones are shown, and calm ends a storm. */
import { measurePage, placeLines } from '../../domain/storm.ts';
import type { MessageWant } from '../../journal/commit.ts';
import {
  busyStorms,
  countStorm,
  countWaiting,
  endStorm,
  finishStorm,
  lastPage,
  lockStorm,
  noteList,
  placeEntries,
  readPage,
  type StormRow,
  takeChangedPages,
  unplacedEntries,
} from '../../journal/storms.ts';
import { each } from '../core/each.ts';
import type { Engine } from '../core/engine.ts';
import { type Draft, perform } from '../core/perform.ts';

/** Lines put on pages in one pass: what is written in one transaction stays small. */
const PLACED_TOGETHER = 1000;
/** A list is made as a file when a storm has this many entries, whenever it has doubled, and at its end. */
const LIST_FROM = 100;

type StormSlot = 'root' | `page-${number}` | `list-${number}`;

function stormMessage(storm: StormRow, slot: StormSlot, urgent: boolean): MessageWant {
  return {
    surface: 'storm',
    subject: storm.id,
    slot,
    channel: storm.channel,
    parent: slot === 'root' ? null : 'root',
    urgent,
  };
}

/** One pass; cheap when there is no storm. */
export async function keepStorms(engine: Engine): Promise<void> {
  await each(await busyStorms(engine.journal.pool), (id) =>
    perform(engine, async (draft) => {
      const storm = await lockStorm(draft.tx, id);
      if (storm !== null) await keepStorm(engine, draft, storm);
    }),
  );
}

async function keepStorm(engine: Engine, draft: Draft, storm: StormRow): Promise<void> {
  const placed = await placeNew(draft, storm);
  // The first post of a page is what names its incidents: before the threads of what came earlier.
  for (const page of placed.pages) draft.want(stormMessage(storm, `page-${page}`, true));
  const changed = await takeChangedPages(draft.tx, storm.id);
  for (const page of changed)
    if (!placed.pages.includes(page)) draft.want(stormMessage(storm, `page-${page}`, false));
  const ends = storm.endedAt === null && (await isCalm(engine, draft, storm));
  if (ends) await draft.write(endStorm(storm.id));
  const over = ends || storm.endedAt !== null;
  const { entries } = await countStorm(draft.tx, storm.id);
  const allPlaced = placed.count < PLACED_TOGETHER;
  const longer = entries >= LIST_FROM && entries > storm.listed;
  const listNow = longer && allPlaced && (over || (storm.listDue && entries >= 2 * storm.listed));
  if (listNow) {
    await draft.write(noteList(storm.id, entries));
    draft.want(stormMessage(storm, `list-${storm.lists + 1}`, true));
  }
  if (over && allPlaced) await draft.write(finishStorm(storm.id));
  if (placed.pages.length > 0 || changed.length > 0 || ends)
    draft.want(stormMessage(storm, 'root', storm.lists === 0 && placed.pages.includes(1)));
}

async function placeNew(
  draft: Draft,
  storm: StormRow,
): Promise<{ readonly pages: readonly number[]; readonly count: number }> {
  const fresh = await unplacedEntries(draft.tx, storm.id, PLACED_TOGETHER);
  if (fresh.length === 0) return { pages: [], count: 0 };
  const last = await lastPage(draft.tx, storm.id);
  const placed = placeLines(measurePage(last, await readPage(draft.tx, storm.id, last)), fresh);
  await draft.write(placeEntries(placed));
  return { pages: [...new Set(placed.map((line) => line.page))], count: fresh.length };
}

/** Half the threshold, so that a storm doesn't end and begin with every alert. */
async function isCalm(engine: Engine, draft: Draft, { channel, unknownOnly }: StormRow): Promise<boolean> {
  const { stormThreshold, stormThresholdUnknown, stormCalmMs: calmMs } = engine.settings;
  const limit = unknownOnly ? stormThresholdUnknown : stormThreshold;
  return (await countWaiting(draft.tx, channel, { calmMs, limit, unknownOnly })) < limit / 2;
}
