/**
 * One full incident, played by people and an Alertmanager who only see what they would see: Slack, and answers. Each
 * looks again and again and does what is next, so the same story goes on after a kill at any point.
 */
import type { Workspace } from '../../../src/local/workspace/index.ts';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import type { Message } from '../../../src/local/workspace/store.ts';
import { buttonLabels, roots, thread } from '../../e2e/slack-thread.ts';
import { postRaw, webhookBody } from '../../e2e/webhook.ts';
import type { World } from './slot.ts';

const FLUSH = 'Flush the cache database';
const LABELS = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' };
/** How long a person waits for something to happen before doing it again. */
const PATIENCE_MS = 6000;
const LOOK_MS = 30;

/** What the people and Alertmanager know: books that the bot doesn't write. */
export interface Story {
  firing: 'unsent' | 'accepted';
  resolved: 'unsent' | 'accepted';
  /** The steps that the tech lead has clicked Approve for. */
  readonly approved: Set<string>;
  /** The steps that ended `interrupted`, as the thread said. */
  readonly interrupted: Set<string>;
  /** Flushes that the target had seen before anybody approved anything. */
  unapproved: number;
  /** Commands that people sent to the target themselves, to look. */
  looks: number;
  done: boolean;
  last: { what: string; at: number };
}

export const newStory = (): Story => ({
  firing: 'unsent',
  resolved: 'unsent',
  approved: new Set(),
  interrupted: new Set(),
  unapproved: 0,
  looks: 0,
  done: false,
  last: { what: '', at: 0 },
});

export async function flushes(world: Pick<World, 'target'>): Promise<number> {
  const stats = await world.target.info('commandstats');
  return Number(/cmdstat_flushdb:calls=(\d+)/u.exec(stats)?.[1] ?? 0);
}

/** Plays on until the incident is closed, the signal aborts, or `deadlineMs` is over. */
export async function play(
  world: World,
  story: Story,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!story.done && !signal.aborted) {
    await next(world, story);
    if (performance.now() > deadline)
      throw new Error(
        `the story did not come to its end; last: ${story.last.what}\n${show(world.workspace)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export const rootOf = (workspace: Workspace): Message | null =>
  roots(workspace).find((message) => message.text.includes(LABELS.alertname)) ?? null;

const nameOf = (message: Message): string => /STEP-\d+/u.exec(message.text)?.[0] ?? '';

/** The newest message about the flush. */
function stepMessage(replies: readonly Message[]): Message | null {
  return replies.filter((message) => /^.{0,4}\*?.*STEP-\d+ ·/u.test(message.text)).at(-1) ?? null;
}

async function next(world: World, story: Story): Promise<void> {
  if (story.firing === 'unsent') {
    if (await post(world, 'firing')) story.firing = 'accepted';
    return;
  }
  const root = rootOf(world.workspace);
  if (root === null) return;
  const replies = thread(world.workspace, root.ts);
  const step = stepMessage(replies);
  if (step?.text.includes('*interrupted*')) story.interrupted.add(nameOf(step));
  if (story.resolved === 'accepted') {
    story.done = root.text.includes('resolved') && replies.some((m) => m.text.includes('Timeline'));
    return;
  }
  if (root.text.includes('mitigated')) {
    if (await post(world, 'resolved')) story.resolved = 'accepted';
    return;
  }
  if (step === null || step.text.includes('*interrupted*')) return ask(world, story, replies, step);
  if (step.text.includes('waits for a decision')) return approve(world, story, step);
}

async function ask(
  world: World,
  story: Story,
  replies: readonly Message[],
  step: Message | null,
): Promise<void> {
  // Somebody who reads "interrupted" looks at the target first: what is gone need not be asked for again.
  if (step !== null && (await world.target.dbsize()) === 0) return;
  const diagnosis = replies.find((message) => buttonLabels(message).includes(FLUSH));
  if (diagnosis === undefined || !diagnosis.text.includes('confirmed')) return;
  await onceInAWhile(story, `ask after ${step === null ? 'nothing' : nameOf(step)}`, () =>
    world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, FLUSH),
  );
}

async function approve(world: World, story: Story, step: Message): Promise<void> {
  await onceInAWhile(story, `approve ${nameOf(step)}`, async () => {
    if (story.approved.size === 0) {
      story.looks += 1;
      story.unapproved += await flushes(world);
    }
    story.approved.add(nameOf(step));
    return world.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
  });
}

/** Again at once when it was not answered; again after a while when nothing came of it. */
async function onceInAWhile(
  story: Story,
  what: string,
  act: () => Promise<{ readonly status: number }>,
): Promise<void> {
  if (story.last.what === what && performance.now() - story.last.at < PATIENCE_MS) return;
  const answered = await act().then(
    (sent) => sent.status === 200,
    () => false,
  );
  story.last = { what, at: answered ? performance.now() : 0 };
}

/** Alertmanager's way: until it is told 2xx. */
async function post(world: World, status: 'firing' | 'resolved'): Promise<boolean> {
  const url = `http://127.0.0.1:${world.env.PORT}`;
  const body = JSON.stringify(webhookBody([{ labels: LABELS, status }], 'crash'));
  const answer = await postRaw(url, body).catch(() => null);
  return answer !== null && answer.status >= 200 && answer.status < 300;
}

export const show = (workspace: Workspace): string =>
  workspace.store
    .messages()
    .map(
      (m) =>
        `${m.ts}${m.threadTs === null ? '' : ' ↳'}${m.visibleTo === null ? '' : ' (alone)'} ${m.text.slice(0, 2000)}`,
    )
    .join('\n---\n');
