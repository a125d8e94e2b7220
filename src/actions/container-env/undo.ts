/** What is kept so that the old container can come back: which it is, never what is in it. */
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import { readContainer } from '../../clients/docker-container.ts';
import {
  type ActionContext,
  type ActionOutcome,
  isRefused,
  type Refused,
  type UndoMade,
  type UndoWriter,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { whyUntouchable } from '../docker-guard.ts';
import { policyOf } from './execute.ts';
import { lookEnv } from './plan.ts';
import { bringBack } from './put-back.ts';
import type { EnvSettings } from './settings.ts';

const record = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  oldId: z.string().min(12),
  wasRunning: z.boolean(),
  policy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
});

export async function makeEnvUndo(
  target: Target,
  settings: EnvSettings,
  undo: UndoWriter,
  context: ActionContext,
): Promise<UndoMade | Refused> {
  const looked = await lookEnv(target, settings, context);
  if (isRefused(looked)) return looked;
  const { name, old, configuration } = looked;
  const kept = { version: 1, name, oldId: old.id, wasRunning: old.running, policy: policyOf(configuration) };
  try {
    await undo.write(Buffer.from(JSON.stringify(kept)));
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error), 160);
    return { refused: `the undo could not be kept: ${why}` };
  }
  return { summary: `the old container ${name} (${old.id.slice(0, 12)}), kept on its engine`, entries: 1 };
}

export async function restoreEnv(
  target: Target,
  undo: AsyncIterable<Uint8Array>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const parts: Uint8Array[] = [];
  for await (const part of undo) parts.push(part);
  const kept = record.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const old = await readContainer(docker, kept.oldId, context.signal);
  const untouchable = old === null ? null : whyUntouchable(old, target, context.self);
  if (untouchable !== null) return failed(kept.name, `nothing was done: ${untouchable}`);
  try {
    const says = await bringBack({ ...kept, docker });
    return {
      state: 'succeeded',
      summary: `the old container is back: ${says}`,
      items: [{ name: kept.name, outcome: 'done', note: says }],
    };
  } catch (error) {
    return failed(kept.name, oneLine(error instanceof Error ? error.message : String(error), 200));
  }
}

const failed = (name: string, note: string): ActionOutcome => ({
  state: 'failed',
  summary: `${name}: ${note}`,
  items: [{ name, outcome: 'failed', note }],
});
