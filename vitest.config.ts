import { defineConfig } from 'vitest/config';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: more workers only make the servers under test wait for each other.
    maxWorkers: 2,
    testTimeout: isSoak ? 3_600_000 : 60_000,
    hookTimeout: 120_000,
    globalSetup: ['test/helpers/global-setup.ts'],
    reporters: ['default'],
  },
});
