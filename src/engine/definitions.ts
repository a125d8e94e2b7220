/** The runbook a run was begun with, kept by the hash of its content: a newer catalog doesn't change a run. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Runbook, ServiceEntry, System } from '../domain/runbook.ts';
import type { Tx } from '../journal/open-journal.ts';
import { keepDefinition, readDefinition } from '../journal/runs.ts';
import type { Engine } from './engine.ts';
import type { Draft } from './perform.ts';

export const hashOfRunbook = (runbook: Runbook): string =>
  createHash('sha256').update(canonicalJson(runbook)).digest('hex');

export async function pinRunbook(draft: Pick<Draft, 'write'>, runbook: Runbook): Promise<string> {
  const hash = hashOfRunbook(runbook);
  await draft.write(keepDefinition(hash, runbook.id, runbook));
  return hash;
}

/** @throws when the journal has lost a definition that a run points to, which its foreign key forbids. */
export async function pinnedRunbook(tx: Tx, hash: string): Promise<Runbook> {
  const body = await readDefinition(tx, hash);
  if (body === null || typeof body !== 'object') throw new Error(`the journal has no definition ${hash}`);
  return body as Runbook;
}

export function findSystem(engine: Pick<Engine, 'catalog'>, name: string): System | null {
  return engine.catalog.systems.find((system) => system.name === name) ?? null;
}

export function findService(
  engine: Pick<Engine, 'catalog'>,
  system: string,
  service: string,
): ServiceEntry | null {
  const found = findSystem(engine, system);
  return found?.services.find((entry) => entry.name === service) ?? null;
}
