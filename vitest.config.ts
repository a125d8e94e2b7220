import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { needsOf, TEST, testFiles } from './test/projects/needs.ts';

/** `unit` needs nothing but Node; whatever starts a process, by itself or through what it imports, is of `servers`. */
const isUnit = (file: string): boolean => !needsOf(file).processes;
const named = (file: string): string => `test/${relative(TEST, file)}`;
const files = testFiles();

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // A limit is there for what never comes; a loaded machine only makes it late.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A Docker engine of the run's own ends its containers first.
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          retry: 0,
          include: files.filter(isUnit).map(named),
          setupFiles: ['test/projects/no-processes.ts'],
          // Half of the time would go into loading the same modules again for each file.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          // Real processes on a loaded machine. The report marks what passed only at the second try: each is a fault to find.
          retry: 1,
          include: files.filter((file) => !isUnit(file)).map(named),
          globalSetup: ['test/servers/setup.ts'],
        },
      },
    ],
  },
});
