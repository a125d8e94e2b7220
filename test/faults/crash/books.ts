/** Compares what the bot says with what others saw: the workspace, the target's own statistics, the people. */

import pg from 'pg';
import { verifyAudit } from '../../../src/journal/audit-verify.ts';
import { AUDIT_KEY } from '../../e2e/bot.ts';
import { roots, thread } from '../../e2e/slack-thread.ts';
import type { World } from './slot.ts';
import { flushes, rootOf, type Story } from './story.ts';

export type Kind = 'lost' | 'twice' | 'unapproved' | 'other';
export interface Wrong {
  readonly kind: Kind;
  readonly what: string;
}

/** Everything that is wrong after the story's end; empty: the point survived. */
export async function compareBooks(world: World, story: Story): Promise<readonly Wrong[]> {
  return [
    ...messagesOnce(world),
    ...(await flushesApproved(world, story)),
    ...(await nothingLost(world, story)),
    ...(await auditGood(world)),
  ];
}

interface Keyed {
  readonly event_payload?: { readonly key?: string };
}

/** Posts that Slack took are counted, so that a twin that was deleted later counts as well. */
function messagesOnce(world: World): readonly Wrong[] {
  const wrong: Wrong[] = [];
  const counts = new Map<string, number>();
  for (const { method, args, answer } of world.workspace.store.calls) {
    const key = (args.metadata as Keyed | null | undefined)?.event_payload?.key;
    if (method !== 'chat.postMessage' || answer !== 'ok' || key === undefined) continue;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, n] of counts) if (n > 1) wrong.push({ kind: 'twice', what: `${n} posts of ${key}` });
  if (counts.size === 0) wrong.push({ kind: 'lost', what: 'no post has a key' });
  const all = roots(world.workspace);
  if (all.length > 1) wrong.push({ kind: 'twice', what: `${all.length} messages at the channel's top` });
  return wrong;
}

/** A flush for each approval at most, and one for each step that the thread calls done. */
async function flushesApproved(world: World, story: Story): Promise<readonly Wrong[]> {
  const wrong: Wrong[] = [];
  story.looks += 1;
  const seen = await flushes(world);
  const root = rootOf(world.workspace);
  const replies = root === null ? [] : thread(world.workspace, root.ts);
  const done = replies.filter((m) => /STEP-\d+ ·/u.test(m.text) && m.text.includes('*done*')).length;
  if (story.unapproved > 0) wrong.push({ kind: 'unapproved', what: 'a flush before any approval' });
  if (seen > story.approved.size)
    wrong.push({ kind: 'twice', what: `${seen} flushes for ${story.approved.size} approvals` });
  if (seen < done)
    wrong.push({ kind: 'lost', what: `${done} steps are done, the target saw ${seen} flushes` });
  if (seen > done + story.interrupted.size)
    wrong.push({
      kind: 'twice',
      what: `${seen} flushes, ${done} done and ${story.interrupted.size} interrupted`,
    });
  const decided = await world.database.query<{ step: string }>(
    `select 'STEP-' || r.step_id as step from decisions d join requests r on r.id = d.request_id where d.verdict = 'approve'`,
  );
  if (seen > decided.length)
    wrong.push({ kind: 'unapproved', what: 'more flushes than decisions in the journal' });
  for (const { step } of decided)
    if (!story.approved.has(step)) wrong.push({ kind: 'unapproved', what: `nobody approved ${step}` });
  return wrong;
}

async function nothingLost(world: World, story: Story): Promise<readonly Wrong[]> {
  const wrong: Wrong[] = [];
  const root = rootOf(world.workspace);
  if (root === null) return [{ kind: 'lost', what: 'an alert answered 2xx has no thread' }];
  const replies = thread(world.workspace, root.ts);
  const all = replies.map((message) => message.text).join('\n');
  const { rows } = await counted(world);
  if (rows.incidents !== 1) wrong.push({ kind: 'twice', what: `${rows.incidents} incidents for one alert` });
  if (rows.behind !== 0)
    wrong.push({ kind: 'lost', what: `${rows.behind} messages are not in Slack as they should be` });
  if (rows.unended !== 0) wrong.push({ kind: 'lost', what: `${rows.unended} executions have no end` });
  const closing = replies.find((message) => message.text.includes('Timeline'))?.text ?? '';
  for (const word of ['fires', 'approved STEP-', 'mitigated'])
    if (!closing.includes(word)) wrong.push({ kind: 'lost', what: `the timeline does not say "${word}"` });
  for (const step of story.interrupted) {
    if (!closing.includes(`${step} was interrupted`))
      wrong.push({ kind: 'lost', what: `the timeline does not say that ${step} was interrupted` });
    if (!/A person must look now/u.test(all))
      wrong.push({ kind: 'lost', what: `the thread does not say that a person must look at ${step}` });
  }
  return wrong;
}

async function counted(world: World) {
  const rows = await world.database.query<{ incidents: number; behind: number; unended: number }>(
    `select (select count(*)::int from incidents) as incidents,
       (select count(*)::int from messages where wanted > shown and surface = 'incident') as behind,
       (select count(*)::int from executions where phase in ('preparing', 'acting')) as unended`,
  );
  return { rows: rows[0] ?? { incidents: 0, behind: 0, unended: 0 } };
}

async function auditGood(world: World): Promise<readonly Wrong[]> {
  const client = new pg.Client({ connectionString: world.env.DATABASE_URL });
  await client.connect();
  try {
    const verdict = await verifyAudit(client, AUDIT_KEY, null);
    return verdict.good
      ? []
      : [{ kind: 'other', what: `audit: bad at seq ${verdict.badSeq}: ${verdict.why}` }];
  } finally {
    await client.end();
  }
}
