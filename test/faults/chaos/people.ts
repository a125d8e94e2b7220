/** Who works in the storm: an Alertmanager that sends until it is told 2xx, and people who click until it is done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import type { Message } from '../../../src/local/workspace/store.ts';
import { buttonLabels, roots, thread } from '../../e2e/slack-thread.ts';
import { postRaw, webhookBody } from '../../e2e/webhook.ts';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

export interface Group {
  readonly name: string;
  readonly alerts: number;
  /** How many flushes people want in its thread. */
  readonly approvals: number;
  /** The sender's own book. */
  accepted: number;
  refused: number;
}

const FLUSH = 'Flush the cache database';
const KEYS = 50;
/** How long a person waits before doing again what nothing came of. */
const PATIENCE_MS = 5000;

export function makeGroups(alerts: number, perGroup: number, approvals: number, perThread: number): Group[] {
  const n = Math.ceil(alerts / perGroup);
  const threads = Math.ceil(approvals / perThread);
  return Array.from({ length: n }, (_, i) => ({
    name: `storm-${String(i + 1).padStart(4, '0')}`,
    alerts: Math.min(perGroup, alerts - i * perGroup),
    approvals: i < threads ? Math.min(perThread, approvals - i * perThread) : 0,
    accepted: 0,
    refused: 0,
  }));
}

function bodyOf(group: Group): string {
  const alerts = Array.from({ length: group.alerts }, (_, i) => ({
    labels: {
      alertname: group.approvals > 0 ? 'HighMemoryUsage' : 'ChaosAlert',
      system: 'moalog',
      service: 'redis',
      severity: 'warning',
      group: group.name,
      instance: `i-${i}`,
    },
    annotations: { summary: group.name },
  }));
  return JSON.stringify(webhookBody(alerts, group.name));
}

/** To any gateway that is up, again and again until one says 2xx; some groups are sent a second time, as repeats are. */
export async function sendGroup(cluster: Cluster, group: Group, random: Random): Promise<void> {
  const wanted = random.next() < 0.2 ? 2 : 1;
  while (group.accepted < wanted) {
    const url = random.pick(cluster.gateways());
    const answer = url === undefined ? null : await postRaw(url, bodyOf(group)).catch(() => null);
    if (answer !== null && answer.status >= 200 && answer.status < 300) group.accepted += 1;
    else {
      group.refused += 1;
      await sleep(100 + random.below(400));
    }
  }
}

export const rootsOf = (cluster: Cluster, group: Group): readonly Message[] =>
  roots(cluster.workspace).filter((message) => message.text.includes(group.name));

export const nameOf = (message: Message): string => /STEP-\d+/u.exec(message.text)?.[0] ?? '';
export const stepMessages = (replies: readonly Message[]): readonly Message[] =>
  replies.filter((message) => /STEP-\d+ · /u.test(message.text.split('\n')[0] ?? ''));
const OVER = /\*(done|interrupted|expired|failed|denied|cancelled)\*|\*superseded\*|can’t be planned/u;

/** Asks and approves in a group's thread until as many flushes as are wanted have been approved and are over. */
export async function flushInThread(
  cluster: Cluster,
  group: Group,
  approved: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  let last = { what: '', at: 0 };
  const mine = new Set<string>();
  const act = async (what: string, click: () => Promise<unknown>): Promise<void> => {
    if (last.what === what && performance.now() - last.at < PATIENCE_MS) return;
    last = { what, at: performance.now() };
    await click().catch(() => {
      last = { what: '', at: 0 };
    });
  };
  while (!signal.aborted) {
    await sleep(100);
    const [root] = rootsOf(cluster, group);
    if (root === undefined) continue;
    const replies = thread(cluster.workspace, root.ts);
    const step = stepMessages(replies).at(-1);
    if (step === undefined || OVER.test(step.text)) {
      if (mine.size >= group.approvals) return;
      const diagnosis = replies.find((message) => buttonLabels(message).includes(FLUSH));
      if (diagnosis === undefined) continue;
      await fill(cluster);
      await act(`ask after ${step === undefined ? 'nothing' : nameOf(step)}`, () =>
        cluster.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, FLUSH),
      );
    } else if (step.text.includes('waits for a decision')) {
      await act(`approve ${nameOf(step)}`, async () => {
        approved.add(nameOf(step));
        mine.add(nameOf(step));
        await cluster.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
      });
    }
  }
}

/** Never more keys than a plan allows for, so that one plan does not supersede another. */
async function fill(cluster: Cluster): Promise<void> {
  await cluster.target.mset(Object.fromEntries(Array.from({ length: KEYS }, (_, i) => [`k:${i}`, 'v'])));
}
