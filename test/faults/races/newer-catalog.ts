/** A process with a newer catalog takes over in the middle: what was begun goes on as it began. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executeAction } from '../../../src/engine/changes/execute-action.ts';
import { planStep } from '../../../src/engine/changes/plan-step.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { askOption } from '../../../src/engine/incidents/ask-option.ts';
import { changeIncident } from '../../../src/engine/incidents/change-incident.ts';
import { startDiagnosis } from '../../../src/engine/incidents/start-diagnosis.ts';
import { createProbeWorker } from '../../../src/engine/runs/execute-probe-step.ts';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import { type Arena, makeEngine } from './arena.ts';
import { decide, must, newName, openIncident } from './scenes.ts';

const RUNBOOKS = fileURLToPath(new URL('../../../runbooks/', import.meta.url));

/** The same runbook, in which the flush is of another database and the diagnosis asks one thing only. */
export async function openNewerEngine(arena: Arena): Promise<{ engine: Engine; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-newer-'));
  cpSync(RUNBOOKS, folder, { recursive: true });
  const file = join(folder, 'moalog', 'redis-memory-pressure.yaml');
  const changed = readFileSync(file, 'utf8')
    .replace('service: redis, db: 0', 'service: redis, db: 1')
    .replace(/ {2}- policy:.*\n {2}- keys:.*\n/u, '');
  must(changed.includes('db: 1') && !changed.includes('- keys:'), 'the runbook could not be changed');
  writeFileSync(file, changed);
  const { host, port } = arena.target.options;
  const ending = new AbortController();
  const target = { url: `redis://${host}:${port}` };
  const engine = await makeEngine('newer', arena.database.url, target, ending.signal, folder);
  return {
    engine,
    async close() {
      ending.abort();
      await engine.journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function steps(
  arena: Arena,
  incidentId: number,
  kind: string,
): Promise<readonly { id: number; type: string }[]> {
  return arena.database.query<{ id: number; type: string }>(
    `select s.id::float8 as id, s.type from steps s join runs r on r.id = s.run_id
     where r.incident_id = $1 and r.kind = $2 order by s.id`,
    [incidentId, kind],
  );
}

/** Begun by the old process, gone on with by the new one at a point drawn by chance. */
export async function newerCatalogTakesOver(arena: Arena, newer: Engine): Promise<void> {
  const name = newName();
  await arena.target.mset('k:1', 'v', 'k:2', 'v');
  await arena.target.select(1);
  await arena.target.set('of the other database', 'v');
  await arena.target.select(0);
  const takenOverAt = arena.random.below(4);
  const who = (stage: number): Engine => (stage >= takenOverAt ? newer : arena.a);

  const incidentId = await openIncident(arena.a, name);
  await startDiagnosis(arena.a, incidentId);
  const diagnosis = await steps(arena, incidentId, 'diagnosis');
  must(diagnosis.length === 4, `the diagnosis has ${diagnosis.length} steps`);
  const probe = createProbeWorker(who(0));
  for (const step of diagnosis) await probe(step.id);
  const askedOf = who(1);
  const asked = await askOption(askedOf, {
    incidentId,
    optionKey: 'flush',
    person: PEOPLE.developer.id,
    askedKey: name,
  });
  must(asked.ok, asked.text);
  const [flush] = await steps(arena, incidentId, 'recovery');
  const stepId = flush?.id ?? 0;
  await planStep(who(2), stepId);
  const plans = await arena.database.query<{ name: string }>(
    `select plan -> 'scope' ->> 'name' as name from requests where step_id = $1`,
    [stepId],
  );
  must(plans[0]?.name === 'db0', `the plan is about ${plans[0]?.name}`);
  must((await decide(who(2), { name, incidentId, stepId, requestId: 0 })).ok, 'the approval');
  await executeAction(who(3), stepId);
  must((await arena.target.dbsize()) === 0, 'what was approved was not flushed');
  await arena.target.select(1);
  const other = await arena.target.dbsize();
  await arena.target.select(0);
  must(other === 1, 'the newer runbook’s database was flushed');
  await changeIncident(newer, incidentId, 'rerun', PEOPLE.onCall.id);
  const again = await steps(arena, incidentId, 'diagnosis');
  must(again.length === 8, `the diagnosis was run again with ${again.length - 4} steps, it began with 4`);
}
