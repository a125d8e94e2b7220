/** Once for the whole run: one PostgreSQL (`TEST_POSTGRES_URL`: a superuser's, given), one Docker engine when a test asks for it, and their end. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopSharedEngine } from './docker.ts';
import { startPostgres } from './postgres.ts';
import { installNeeded } from './program.ts';

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
  await installNeeded();
  const given = process.env.TEST_POSTGRES_URL;
  const postgres = given ? null : await startPostgres();
  project.provide('postgresUrl', given || (postgres?.superuserUrl ?? ''));
  project.provide('runDir', runDir);
  return async () => {
    await stopSharedEngine(runDir);
    await postgres?.stop();
    rmSync(runDir, { recursive: true, force: true });
  };
}
