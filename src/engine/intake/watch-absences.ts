/** An alert that always fires (`Watchdog`) and stays away: the way from Prometheus to here is broken, which is told. */
import { type Absence, absencesChanged, beginAbsences, endAbsences } from '../../journal/absences.ts';
import type { Engine } from '../core/engine.ts';
import { type Draft, perform } from '../core/perform.ts';

/** One pass of the reconciler. What was never seen is not missed: not everybody has such an alert. */
export async function watchAbsences(engine: Engine): Promise<void> {
  const { pool } = engine.journal;
  if (!(await absencesChanged(pool, engine.settings.watchdogWithinMs))) return;
  await perform(engine, async (draft) => {
    const ended = await endAbsences(draft.tx);
    const begun = await beginAbsences(draft.tx, engine.settings.watchdogWithinMs);
    for (const absence of [...ended, ...begun]) want(engine, draft, absence);
  });
}

function want(engine: Engine, draft: Draft, { id }: Absence): void {
  const channel = engine.settings.opsChannel;
  draft.want({ surface: 'absence', subject: id, slot: 'absence', channel, parent: null, urgent: true });
}
