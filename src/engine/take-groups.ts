/** Intake under load: webhooks that wait for the journal at the same time share one round trip and one commit. */

import type { AlertGroup } from '../domain/receive.ts';
import { type OpenedIncident, takeNewGroups } from '../journal/open-incidents.ts';
import { isAboutData } from '../journal/open-journal.ts';
import { keepDefinition } from '../journal/runs.ts';
import { type DraftedIncident, draftIncident } from './draft-incident.ts';
import type { Engine } from './engine.ts';
import { isWatchdog, receiveAlerts } from './receive-alerts.ts';

/** Returns once the group is in the journal. @throws when it is not. */
export type Intake = (group: AlertGroup) => Promise<void>;

interface Waiting {
  readonly group: AlertGroup;
  readonly draft: DraftedIncident;
  readonly keys: readonly string[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Groups in one commit, and alerts in all of them together (a larger group goes alone). */
const TOGETHER = 64;
const ALERTS_TOGETHER = 1000;

export function createIntake(engine: Engine): Intake {
  let waiting: Waiting[] = [];
  let busy = false;
  const pinned = new Set<string>();

  /** While one commit is written, the next is gathered. */
  async function next(): Promise<void> {
    busy = true;
    while (waiting.length > 0) await write(takeBatch());
    busy = false;
  }

  /** Groups that share a key are taken in one after the other: the later one joins what the earlier one opened. */
  function takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const keys = new Set<string>();
    let alerts = 0;
    for (const one of waiting) {
      const fits =
        batch.length === 0 ||
        (batch.length < TOGETHER && alerts + one.draft.alerts.length <= ALERTS_TOGETHER);
      if (!fits || one.keys.some((key) => keys.has(key))) {
        rest.push(one);
      } else {
        batch.push(one);
        alerts += one.draft.alerts.length;
      }
      for (const key of one.keys) keys.add(key);
    }
    waiting = rest;
    return batch;
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    let opened: readonly OpenedIncident[];
    try {
      opened = await open(batch);
    } catch (error) {
      if (!isAboutData(error)) {
        engine.journal.writes.note(error);
        for (const one of batch) one.failed(error);
        return;
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
    for (const [n, one] of batch.entries()) {
      if (known.has(n)) one.done();
      else receiveAlerts(engine, one.group).then(one.done, one.failed);
    }
  }

  async function open(batch: readonly Waiting[]): Promise<readonly OpenedIncident[]> {
    const { pool } = engine.journal;
    for (const { draft } of batch) {
      if (draft.runbook === null || draft.runbookHash === null || pinned.has(draft.runbookHash)) continue;
      const keep = keepDefinition(draft.runbookHash, draft.runbook.id, draft.runbook);
      await pool.query(keep.text, [...keep.values]);
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
      await receiveAlerts(engine, group);
      return;
    }
    const draft = draftIncident(engine, group, group.alerts);
    await new Promise<void>((done, failed) => {
      waiting.push({ group, draft, keys: [`g/${group.groupKey}`, ...fingerprints], done, failed });
      if (!busy) void next();
    });
  };
}
