/** Somebody asks how things are: one answer, one part and one job for each system. */
import type { ServiceEntry, System } from '../../domain/runbook.ts';
import type { MessageWant } from '../../journal/commit.ts';
import { insertHealthAnswer } from '../../journal/health.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';

export interface HealthAsk {
  readonly askedBy: string;
  readonly askedKey: string | null;
  /** Where the answer goes. */
  readonly channel: string;
  /** Where whoever asked is answered when the channel takes no message of the bot. */
  readonly answerUrl: string | null;
  /** The thread where it was asked; null: in the channel. */
  readonly threadTs: string | null;
  readonly systems: readonly System[];
  /** Null: all of them. */
  readonly service: string | null;
}

/** The services a health answer speaks of: those with a health probe. */
export function healthServices(system: System, service: string | null): readonly ServiceEntry[] {
  return system.services.filter(
    (entry) => entry.probe !== null && (service === null || entry.name === service),
  );
}

/** Null when the very same request was taken before. */
export function askHealth(engine: Engine, ask: HealthAsk): Promise<number | null> {
  return perform(engine, async (draft) => {
    const scope = ask.service !== null ? 'service' : ask.systems.length === 1 ? 'system' : 'all';
    const parts = ask.systems.map((system) => ({
      system: system.name,
      services: healthServices(system, ask.service).map((entry) => entry.name),
    }));
    const answer = await insertHealthAnswer(draft.tx, {
      askedBy: ask.askedBy,
      askedKey: ask.askedKey,
      scope,
      parts,
    });
    if (answer === null) return null;
    draft.want({
      ...healthMessage(answer.id, ask.channel),
      answerUrl: ask.answerUrl,
      threadTs: ask.threadTs,
    });
    for (const id of answer.partIds) draft.wakeHealth(id);
    return answer.id;
  });
}

export function healthMessage(answerId: number, channel: string): MessageWant {
  return { surface: 'health', subject: answerId, slot: 'answer', channel, parent: null, urgent: true };
}
