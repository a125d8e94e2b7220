/** Intake under load: webhooks that wait for the journal at the same time share one round trip and one commit. */
import { randomUUID } from 'node:crypto';
import { alertRulesOf } from '../../domain/alert-rules.ts';
import { type AlertPart, divideGroup } from '../../domain/divide-group.ts';
import type { AlertGroup } from '../../domain/receive.ts';
import { run } from '../../journal/commit.ts';
import { priorityOf } from '../../journal/diagnoses.ts';
import { type OpenedIncident, takeNewAlerts } from '../../journal/open-incidents.ts';
import { isAboutData } from '../../journal/open-journal.ts';
import { keepDefinition } from '../../journal/runs.ts';
import type { Engine } from '../core/engine.ts';
import { createGather, type Fits } from '../core/gather.ts';
import { type DraftedIncident, draftIncident } from './draft-incident.ts';
import { keysOf, noteLeftOut, receiveDivided } from './receive-alerts.ts';

/** Returns once the group is in the journal. @throws when it is not. */
export type Intake = (group: AlertGroup) => Promise<void>;

interface DraftedPart {
  readonly part: AlertPart;
  readonly draft: DraftedIncident;
}

/** What one body holds. */
interface Waiting {
  readonly parts: readonly DraftedPart[];
  readonly keys: readonly string[];
}

/** Bodies in one commit, and alerts in all of them together (a larger body goes alone). */
const TOGETHER = 64;
const ALERTS_TOGETHER = 1000;

/** Bodies that share a key are taken in one after the other: the later one joins what the earlier one opened. */
function newBatch(): Fits<Waiting> {
  const keys = new Set<string>();
  let [bodies, alerts] = [0, 0];
  return ({ parts, keys: own }) => {
    const size = parts.reduce((sum, { draft }) => sum + draft.alerts.length, 0);
    const hasRoom = bodies === 0 || (bodies < TOGETHER && alerts + size <= ALERTS_TOGETHER);
    const goes = hasRoom && !own.some((key) => keys.has(key));
    for (const key of own) keys.add(key);
    if (!goes) return false;
    bodies += 1;
    alerts += size;
    return true;
  };
}

export function createIntake(engine: Engine): Intake {
  const pinned = new Set<string>();
  const take = createGather(write, newBatch);

  async function write(batch: readonly Waiting[]): Promise<readonly (Promise<void> | undefined)[]> {
    const parts = batch.flatMap((waiting) => waiting.parts);
    const known = new Set(await openAll(parts));
    return batch.map((waiting) => {
      const left = waiting.parts.filter((part) => !known.has(part)).map(({ part }) => part);
      return left.length === 0 ? undefined : receiveParts(left);
    });
  }

  async function receiveParts(parts: readonly AlertPart[]): Promise<void> {
    await receiveDivided(engine, { parts });
  }

  /** Those that became incidents. One that can't be written keeps no other from it: the batch is halved until it is alone. */
  async function openAll(parts: readonly DraftedPart[]): Promise<readonly DraftedPart[]> {
    try {
      const opened = await open(parts.map(({ draft }) => draft));
      tell(parts, opened);
      return opened.flatMap(({ n }) => parts[n] ?? []);
    } catch (error) {
      if (!isAboutData(error)) {
        engine.journal.writes.note(error);
        throw error;
      }
      pinned.clear();
      // By itself it is received as any other, which says what is wrong with it.
      if (parts.length <= 1) return [];
      const half = Math.ceil(parts.length / 2);
      return [...(await openAll(parts.slice(0, half))), ...(await openAll(parts.slice(half)))];
    }
  }

  function tell(parts: readonly DraftedPart[], opened: readonly OpenedIncident[]): void {
    // A storm's own messages are kept up to date by the reconciler.
    const own = opened.flatMap(({ n, id, stormId }) => {
      const draft = parts[n]?.draft;
      return stormId !== null || draft === undefined ? [] : [{ id, draft }];
    });
    if (own.length > 0) engine.poke([...new Set(own.map(({ draft }) => draft.channel))]);
    engine.diagnose(own.map(({ id, draft }) => ({ id, priority: priorityOf(draft) })));
  }

  async function open(drafts: readonly DraftedIncident[]): Promise<readonly OpenedIncident[]> {
    const { pool } = engine.journal;
    for (const draft of drafts) {
      if (draft.runbook === null || draft.runbookHash === null || pinned.has(draft.runbookHash)) continue;
      await run(pool, keepDefinition(draft.runbookHash, draft.runbook));
      pinned.add(draft.runbookHash);
    }
    const { stormThreshold: all, stormThresholdUnknown: unknown, reopenWithinMs } = engine.settings;
    const posted = drafts.map(({ runbook: _, ...draft }) => ({
      ...draft,
      poster: engine.projects(draft.channel) ? engine.worker : null,
    }));
    return takeNewAlerts(pool, posted, { thresholds: { all, unknown }, reopenWithinMs });
  }

  return async (group) => {
    const divided = divideGroup(alertRulesOf(engine.catalog), group);
    const alerts = divided.parts.flatMap((part) => part.alerts);
    const isNew =
      alerts.every((alert) => alert.status === 'firing') &&
      new Set(alerts.map(({ fingerprint }) => fingerprint)).size === alerts.length;
    if (!isNew || divided.parts.length === 0) {
      await receiveDivided(engine, divided);
      return;
    }
    await noteLeftOut(engine, divided);
    const arrivedWith = randomUUID();
    const parts = divided.parts.map((part) => ({ part, draft: draftIncident(engine, part, arrivedWith) }));
    await take({ parts, keys: [...new Set(divided.parts.flatMap(keysOf))] });
  };
}
