import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/setup.ts'],
    testTimeout: 120_000,
    // Real processes on a loaded machine; the report names whatever passed only at the second try.
    retry: 1,
    hookTimeout: 120_000,
    // A Docker engine of the run's own ends its containers first.
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
