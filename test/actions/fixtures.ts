/** What every test of an action needs: a target, a context, an undo kept in memory. */
import type { ActionContext, PlanDraft, Refused, UndoWriter } from '../../src/domain/action.ts';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';

export function target(changes: Partial<Target> = {}): Target {
  return {
    system: 'moalog',
    service: 'redis',
    environment: 'dev',
    url: null,
    container: null,
    dockerHost: 'unix:///nowhere/docker.sock',
    sandboxOnly: false,
    catalogVolumes: [],
    composeProjects: [],
    declared: NOTHING_DECLARED,
    ...changes,
  };
}

export function context(
  changes: Partial<ActionContext> & { readonly self?: ActionContext['self'] } = {},
): ActionContext {
  return {
    signal: AbortSignal.timeout(20_000),
    timeoutMs: 10_000,
    self: {
      queueRedisRunId: async () => null,
      queueReplicaRunIds: async () => [],
      journalDatabase: async () => null,
      containerId: null,
      volumes: [],
    },
    progress: () => undefined,
    ...changes,
  };
}

/** The plan, or a failure that says why there is none. */
export function planned(plan: PlanDraft | Refused): PlanDraft {
  if ('refused' in plan) throw new Error(`refused: ${plan.refused}`);
  return plan;
}

export interface MemoryUndo extends UndoWriter {
  readonly parts: Uint8Array[];
  read(): AsyncGenerator<Uint8Array>;
}

/** Rejects, as the real store does, when more than `maxBytes` would be kept or a part is above 1 MiB. */
export function memoryUndo(maxBytes = Number.POSITIVE_INFINITY): MemoryUndo {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  return {
    parts,
    write: async (part) => {
      if (part.length > 1024 * 1024) throw new Error('a part is above 1 MiB');
      if (bytes + part.length > maxBytes) throw new Error(`it would pass its bound of ${maxBytes} bytes`);
      bytes += part.length;
      parts.push(Uint8Array.from(part));
    },
    async *read() {
      yield* parts;
    },
  };
}
