import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/setup.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // A Docker engine of the run's own ends its containers first.
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
