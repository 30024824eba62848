import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './local/processes/compile-cache.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';

// Every suite is a process of its own, and most of them load the same.
process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: a suite that waits, as those of failures do, leaves its core to a third.
    maxWorkers: 3,
    testTimeout: isSoak ? 3_600_000 : 60_000,
    hookTimeout: 120_000,
    globalSetup: ['test/helpers/global-setup.ts'],
    reporters: ['default'],
  },
});
