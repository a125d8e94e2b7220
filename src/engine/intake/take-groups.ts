/** Intake under load: webhooks that wait for the journal at the same time share one round trip and one commit. */

import type { AlertGroup } from '../../domain/receive.ts';
import { run } from '../../journal/commit.ts';
import { type OpenedIncident, takeNewGroups } from '../../journal/open-incidents.ts';
import { isAboutData } from '../../journal/open-journal.ts';
import { keepDefinition } from '../../journal/runs.ts';
import type { Engine } from '../core/engine.ts';
import { createGather, type Fits } from '../core/gather.ts';
import { type DraftedIncident, draftIncident } from './draft-incident.ts';
import { isWatchdog, receiveAlerts } from './receive-alerts.ts';

/** Returns once the group is in the journal. @throws when it is not. */
export type Intake = (group: AlertGroup) => Promise<void>;

interface Waiting {
  readonly group: AlertGroup;
  readonly draft: DraftedIncident;
  readonly keys: readonly string[];
}

/** Groups in one commit, and alerts in all of them together (a larger group goes alone). */
const TOGETHER = 64;
const ALERTS_TOGETHER = 1000;

/** Groups that share a key are taken in one after the other: the later one joins what the earlier one opened. */
function newBatch(): Fits<Waiting> {
  const keys = new Set<string>();
  let [groups, alerts] = [0, 0];
  return ({ draft, keys: own }) => {
    const hasRoom = groups === 0 || (groups < TOGETHER && alerts + draft.alerts.length <= ALERTS_TOGETHER);
    const goes = hasRoom && !own.some((key) => keys.has(key));
    for (const key of own) keys.add(key);
    if (!goes) return false;
    groups += 1;
    alerts += draft.alerts.length;
    return true;
  };
}

export function createIntake(engine: Engine): Intake {
  const pinned = new Set<string>();
  const take = createGather(write, newBatch);

  async function write(batch: readonly Waiting[]): Promise<readonly (Promise<void> | undefined)[]> {
    let opened: readonly OpenedIncident[];
    try {
      opened = await open(batch);
    } catch (error) {
      if (!isAboutData(error)) {
        engine.journal.writes.note(error);
        throw error;
      }
      // One of them is to blame: each by itself.
      pinned.clear();
      opened = [];
    }
    const known = new Set(opened.map(({ n }) => n));
    const own = opened.filter(({ stormId }) => stormId === null);
    // A storm's own messages are kept up to date by the reconciler.
    if (own.length > 0) engine.poke([engine.settings.opsChannel]);
    engine.diagnose(own.map(({ id }) => id));
    return batch.map(({ group }, n) => (known.has(n) ? undefined : receiveGroup(group)));
  }

  async function receiveGroup(group: AlertGroup): Promise<void> {
    await receiveAlerts(engine, group);
  }

  async function open(batch: readonly Waiting[]): Promise<readonly OpenedIncident[]> {
    const { pool } = engine.journal;
    for (const { draft } of batch) {
      if (draft.runbook === null || draft.runbookHash === null || pinned.has(draft.runbookHash)) continue;
      await run(pool, keepDefinition(draft.runbookHash, draft.runbook));
      pinned.add(draft.runbookHash);
    }
    const { opsChannel: channel, stormThreshold: threshold, reopenWithinMs } = engine.settings;
    const drafts = batch.map(({ draft: { runbook: _, ...draft } }) => draft);
    const poster = engine.projects(channel) ? engine.worker : null;
    return takeNewGroups(pool, drafts, { channel, threshold, reopenWithinMs, poster });
  }

  return async (group) => {
    const fingerprints = group.alerts.map((alert) => alert.fingerprint);
    const isNew =
      group.alerts.every((alert) => alert.status === 'firing') &&
      new Set(fingerprints).size === fingerprints.length;
    if (!isNew || isWatchdog(group)) {
      return receiveGroup(group);
    }
    const draft = draftIncident(engine, group, group.alerts);
    await take({ group, draft, keys: [`g/${group.groupKey}`, ...fingerprints] });
  };
}
