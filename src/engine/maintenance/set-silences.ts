/**
 * Silences of a maintenance. They end with it by themselves, even if the bot is gone by then. Before one is made, one
 * with the same id in its comment is looked for: an answer that was lost, or a crash, makes no second.
 */
import { sayInstant } from '../../domain/windows.ts';
import {
  type SilenceDue,
  silenceHasEnded,
  silenceIsSet,
  silenceLater,
  takeSilences,
} from '../../journal/maintenances.ts';
import { findSystem } from '../core/definitions.ts';
import { each } from '../core/each.ts';
import type { Engine, Silencer } from '../core/engine.ts';
import { maintenanceMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';

/** Longer than the exchanges of one attempt may take. */
const LEASE_MS = 40_000;
const FIRST_AGAIN_MS = 2000;
const LONGEST_AGAIN_MS = 30_000;

export async function setSilences(engine: Engine): Promise<void> {
  const { silencer } = engine;
  if (silencer === undefined || engine.settings.role === 'gateway') return;
  const due = await takeSilences(engine.journal.pool, LEASE_MS);
  await each(due, (row) => work(engine, silencer, row));
}

/** Of the Alertmanager that the system's alerts go through. Never journalled: it may have credentials. */
export function alertmanagerOf(engine: Engine, system: string): string | null {
  return findSystem(engine, system)?.services[0]?.target.declared.alertmanagerUrl ?? null;
}

async function work(engine: Engine, silencer: Silencer, row: SilenceDue): Promise<void> {
  const write = (statement: ReturnType<typeof silenceHasEnded>) =>
    perform(engine, async (draft) => {
      await draft.write(statement);
      draft.want(maintenanceMessage(engine, row.maintenanceId, 'root'));
    });
  try {
    const url = alertmanagerOf(engine, row.system);
    if (url === null) throw new Error('no Alertmanager is configured for it');
    const mark = commentMark(row);
    const found = row.silenceId ?? (await silencer.find(url, mark, engine.signal));
    if (row.state === 'due') {
      return await write(
        silenceIsSet(row, found ?? (await silencer.create(url, silenceOf(row, mark), engine.signal))),
      );
    }
    if (found !== null) await silencer.expire(url, found, engine.signal);
    await write(silenceHasEnded(row));
  } catch (error) {
    if (engine.signal.aborted) return;
    const why = engine.redact(error instanceof Error ? error.message : String(error));
    await write(
      silenceLater(row, why, Math.min(LONGEST_AGAIN_MS, FIRST_AGAIN_MS * 2 ** Math.min(10, row.tries - 1))),
    );
  }
}

/** Says which silence it is, whatever else the comment says. */
const commentMark = (row: SilenceDue): string => `Pageturner ${row.token}/${row.system}`;

function silenceOf(row: SilenceDue, mark: string) {
  return {
    matchers: [{ label: 'system', op: '=' as const, value: row.system }],
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    createdBy: `Pageturner for ${row.askedBy}`,
    comment: `MAINT-${row.maintenanceId} until ${sayInstant(row.endsAt)}: ${row.reason} (${mark})`,
  };
}
