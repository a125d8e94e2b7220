/** One use case's transaction: decide, write through `commit`, then wake workers and the projector. */
import type { AuditDraft } from '../../journal/audit-chain.ts';
import { commit, type EventDraft, type MessageWant, run, type Statement } from '../../journal/commit.ts';
import { type Tx, transact } from '../../journal/open-journal.ts';
import { readWakes } from '../../journal/steps.ts';
import type { Engine } from './engine.ts';

export interface Draft {
  readonly tx: Tx;
  /** Writes a row now, so that what is read next sees it. */
  write(statement: Statement): Promise<void>;
  event(incidentId: number | null, actor: string, text: string): void;
  audit(draft: AuditDraft): void;
  want(...messages: readonly MessageWant[]): void;
  /** Steps that workers are to be woken for after the commit. */
  wake(stepIds: readonly number[]): void;
  wakeHealth(partId: number): void;
}

/** @throws what `decide` throws; nothing is written then. May run `decide` again after a lost race. */
export async function perform<T>(engine: Engine, decide: (draft: Draft) => Promise<T>): Promise<T> {
  let stepIds: number[] = [];
  let partIds: number[] = [];
  let stale: readonly string[] = [];
  const result = await transact(engine.journal, async (tx) => {
    const events: EventDraft[] = [];
    const audit: AuditDraft[] = [];
    const messages: MessageWant[] = [];
    stepIds = [];
    partIds = [];
    const value = await decide({
      tx,
      write: (statement) => run(tx, statement),
      event: (incidentId, actor, text) => {
        if (incidentId !== null) events.push({ incidentId, actor, text: engine.redact(text) });
      },
      audit: (draft) => audit.push(engine.redact(draft)),
      want: (...wanted) => messages.push(...wanted),
      wake: (ids) => stepIds.push(...ids),
      wakeHealth: (id) => partIds.push(id),
    });
    stale = await commit(tx, engine.auditKey, { events, audit, messages });
    return value;
  });
  if (stale.length > 0) engine.poke(stale);
  if (stepIds.length > 0 || partIds.length > 0) void wakeAll(engine, stepIds, partIds);
  return result;
}

async function wakeAll(
  engine: Engine,
  stepIds: readonly number[],
  partIds: readonly number[],
): Promise<void> {
  try {
    if (stepIds.length > 0) await engine.waker.steps(await readWakes(engine.journal.pool, stepIds));
    if (partIds.length > 0) await engine.waker.health(partIds.map((id) => ({ id, wake: 0 })));
  } catch (error) {
    engine.log.warn(
      { err: error, stepIds, partIds },
      'the queue did not take a wake; the reconciler will raise it again',
    );
  }
}
