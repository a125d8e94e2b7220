/** The runbook a run was begun with, kept by the hash of its content: a newer catalog doesn't change a run. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Runbook, ServiceEntry, System } from '../../domain/runbook.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { keepDefinition, readDefinition } from '../../journal/runs.ts';
import type { Engine } from './engine.ts';
import type { Draft } from './perform.ts';
import { Tampered } from './tampered.ts';

/** Of runbooks that stay in memory: those of the catalog are hashed once. */
const hashes = new WeakMap<Runbook, string>();

export function hashOfRunbook(runbook: Runbook): string {
  const known = hashes.get(runbook);
  if (known !== undefined) return known;
  const hash = hashOfDefinition(runbook);
  hashes.set(runbook, hash);
  return hash;
}

export async function pinRunbook(draft: Pick<Draft, 'write'>, runbook: Runbook): Promise<string> {
  const hash = hashOfRunbook(runbook);
  await draft.write(keepDefinition(hash, runbook));
  return hash;
}

const PINNED_MOST = 200;
/** Their content is their name, so what was read once stays right. The oldest are forgotten first. */
const pinned = new Map<string, Runbook>();

/** Of what the journal keeps of it. */
export const hashOfDefinition = (body: unknown): string =>
  createHash('sha256').update(canonicalJson(body)).digest('hex');

/** @throws Tampered when what was kept under the hash is something else. */
export async function pinnedRunbook(tx: Tx, hash: string): Promise<Runbook> {
  const known = pinned.get(hash);
  if (known !== undefined) return known;
  const runbook = await readDefinition(tx, hash);
  if (runbook === null || hashOfDefinition(runbook) !== hash)
    throw new Tampered(`the runbook ${hash.slice(0, 16)} is not as it was kept`);
  hashes.set(runbook, hash);
  pinned.set(hash, runbook);
  for (const oldest of pinned.keys()) {
    if (pinned.size <= PINNED_MOST) break;
    pinned.delete(oldest);
  }
  return runbook;
}

/** The same where it is only shown or looked up: null when what was kept is something else. */
export async function pinnedOrNull(tx: Tx, hash: string | null): Promise<Runbook | null> {
  if (hash === null) return null;
  try {
    return await pinnedRunbook(tx, hash);
  } catch (error) {
    if (error instanceof Tampered) return null;
    throw error;
  }
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
