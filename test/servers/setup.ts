/**
 * Once for the run, and only as far as the chosen files need it: Debian's packages, one PostgreSQL (`TEST_POSTGRES_URL`: a
 * superuser's, given), and the end of the Docker engine that the first test which asked for one has started.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { needsOf } from '../projects/needs.ts';
import { stopSharedEngine } from './docker.ts';
import { startPostgres } from './postgres.ts';
import { installPrograms } from './program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL. */
    postgresUrl: string;
    /** A folder for what the run's tests share. */
    runDir: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runDir = mkdtempSync(join(tmpdir(), 'pageturner-run-'));
  const needs = project.vitest.state.getPaths().map(needsOf);
  await installPrograms(new Map(needs.flatMap(({ programs }) => [...programs])));
  const given = process.env.TEST_POSTGRES_URL ?? '';
  const wanted = given === '' && needs.some(({ postgres }) => postgres);
  const own = wanted ? await startPostgres() : null;
  project.provide('postgresUrl', own?.superuserUrl ?? given);
  project.provide('runDir', runDir);
  return async () => {
    await stopSharedEngine(runDir);
    await own?.stop();
    rmSync(runDir, { recursive: true, force: true });
  };
}
