/** An alert that always fires (`Watchdog`) and stays away: the way from Prometheus to here is broken, which is told. */
import { type Absence, beginAbsences, endAbsences } from '../../journal/absences.ts';
import type { Engine } from '../core/engine.ts';
import { type Draft, perform } from '../core/perform.ts';

/** One pass of the reconciler. What was never seen is not missed: not everybody has such an alert. */
export async function watchAbsences(engine: Engine): Promise<void> {
  const { pool } = engine.journal;
  const { rows } = await pool.query(
    `select 1 from heartbeats h left join absences a on a.name = h.name and a.back_at is null
     where (a.id is null and h.seen_at < now() - make_interval(secs => $1)) or h.seen_at > a.last_seen_at limit 1`,
    [engine.settings.watchdogWithinMs / 1000],
  );
  if (rows.length === 0) return;
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
