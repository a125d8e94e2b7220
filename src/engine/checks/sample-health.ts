/** Looks at every system now and then, so that "since when" is known before anybody asks. */
import type { ProbeResult } from '../../domain/probe.ts';
import { run } from '../../journal/commit.ts';
import { recordHealth, thinOutHealth } from '../../journal/health-history.ts';
import { addTurns, takeTurns } from '../../journal/health-turns.ts';
import { findSystem } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { healthServices } from './ask-health.ts';
import { probeServices } from './run-health.ts';

/** No system has this name. */
const THINNING = ':thin-out';
const THIN_OUT_EVERY_MS = 60 * 60_000;

type Sampler = Pick<Engine, 'catalog' | 'probeKinds' | 'redact' | 'signal' | 'journal'>;

/** Gives every system its turn. Workers with other catalogs add theirs. */
export async function prepareSampling({ catalog, journal }: Sampler, everyMs: number): Promise<void> {
  await addTurns(
    journal.pool,
    catalog.systems.map((system) => system.name),
    everyMs,
  );
  await addTurns(journal.pool, [THINNING], THIN_OUT_EVERY_MS);
}

/** Takes the turns that are due, side by side; cheap when none is. */
export async function sampleHealth(engine: Sampler, everyMs: number): Promise<readonly string[]> {
  const { pool } = engine.journal;
  const names = engine.catalog.systems.map((system) => system.name);
  const due = await takeTurns(pool, names, everyMs);
  await Promise.all(due.map((name) => sampleSystem(engine, name)));
  const thinning = await takeTurns(pool, [THINNING], THIN_OUT_EVERY_MS);
  if (thinning.length > 0) while (!engine.signal.aborted && (await thinOutHealth(pool)) > 0);
  return due;
}

async function sampleSystem(engine: Sampler, name: string): Promise<void> {
  const system = findSystem(engine, name);
  if (system === null) return;
  const results: Record<string, ProbeResult> = {};
  await probeServices(engine, system, healthServices(system, null), (service, result) => {
    results[service] = result;
  });
  // A shutdown in the middle says nothing about the services.
  if (!engine.signal.aborted) await run(engine.journal.pool, recordHealth(name, results));
}
