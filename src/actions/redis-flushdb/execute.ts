/** The flush itself: looked at again, announced, done once, on one connection that never reconnects. */
import type { Redis } from 'ioredis';
import { type ActionContext, type ActionOutcome, isRefused, type PlanDraft } from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayCount } from '../say-size.ts';
import { onRedis } from './connection.ts';
import { identityDiffers, inspectRedis, isReply } from './inspect.ts';

/** Throws OutcomeUnknown when FLUSHDB was sent and no answer came; whatever else is thrown, nothing was flushed. */
export async function executeFlush(
  target: Target,
  settings: { readonly db: number },
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const { db } = settings;
  const outcome = await onRedis(target, db, context, async (redis): Promise<ActionOutcome> => {
    const superseded = await whyNot(redis, target, db, plan, context);
    if (superseded !== null) return { state: 'superseded', summary: `nothing was flushed: ${superseded}` };
    const before = await redis.dbsize();
    if (plan.scope.kind !== 'keyspace' || !(before <= plan.scope.mayGrowTo)) {
      const bound = plan.scope.kind === 'keyspace' ? plan.scope.mayGrowTo : 0;
      return {
        state: 'superseded',
        summary: `nothing was flushed: db ${db} holds ${sayCount(before, 'key')} now, approved were up to ${bound}`,
      };
    }
    context.signal.throwIfAborted();
    await act();
    if (context.signal.aborted || redis.status !== 'ready') {
      return failed(db, 'nothing was flushed: the connection ended before FLUSHDB was sent');
    }
    return flush(redis, db, before);
  });
  return isRefused(outcome) ? failed(db, `nothing was flushed: ${outcome.refused}`) : outcome;
}

async function whyNot(
  redis: Redis,
  target: Target,
  db: number,
  plan: PlanDraft,
  context: ActionContext,
): Promise<string | null> {
  if (plan.scope.kind !== 'keyspace' || plan.scope.name !== `db${db}`)
    return `the plan is not about db ${db}`;
  const inspected = await inspectRedis(redis, target, db, context.self);
  if (isRefused(inspected)) return inspected.refused;
  const differs = identityDiffers(plan, inspected);
  return differs.length === 0 ? null : differs.join('; ');
}

/** Exactly one FLUSHDB. Only an answer tells what became of it. */
async function flush(redis: Redis, db: number, before: number): Promise<ActionOutcome> {
  try {
    await redis.flushdb();
  } catch (error) {
    if (isReply(error)) return failed(db, `nothing was flushed: Redis refused: ${oneLine(error.message)}`);
    const why = oneLine(error instanceof Error ? error.message : String(error), 120);
    throw new OutcomeUnknown(
      `FLUSHDB was sent to db ${db} and no answer came (${why}): whether its keys are gone is not known`,
      { cause: error },
    );
  }
  const after = await redis.dbsize().catch(() => null);
  const since =
    after === null
      ? '; how many are there now could not be read'
      : after > 0
        ? `; ${sayCount(after, 'key')} written since`
        : '';
  const note = `${sayCount(before, 'key')} removed${since}`;
  return {
    state: 'succeeded',
    summary: `db ${db} flushed: ${note}`,
    items: [{ name: `db${db}`, outcome: 'done', note }],
  };
}

function failed(db: number, summary: string): ActionOutcome {
  return { state: 'failed', summary, items: [{ name: `db${db}`, outcome: 'failed', note: summary }] };
}
