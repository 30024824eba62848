import { configDefaults, defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './local/processes/compile-cache.ts';
import { LongestFirst } from './test/helpers/longest-first.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';

// Every worker is a process of its own, and most of them load the same.
process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE;

/** Suites that change nothing of the process that they run in: one after another in the same, what they import is loaded once. */
const SHARING = [
  'test/{adapters,core,docs,golden}/**/*.test.ts',
  // But for those that look at all that the process writes, or set its environment.
  'test/functions/**/!(edge|metrics|escrow-secrecy).test.ts',
  'test/infra/**/!(bundle).test.ts',
  'test/local/interpreter/*.test.ts',
  'test/fidelity/**/*.test.ts',
  // But for those that look at processes or at memory.
  'test/tasks/{drill,dump,restore,verify}/**/!(entrypoint|isolation|kills|memory|planted-key|stalled).test.ts',
  'test/cli/!(broken-pipe|demo|demo-password|help|local-machines|local-system|machines|old-node|retry-notice|usage|without-home).test.ts',
];

const settings = {
  // Long enough for a machine that does much else: what hangs is found all the same.
  testTimeout: isSoak ? 3_600_000 : 180_000,
  hookTimeout: 300_000,
  // Bundles of functions are imported as they are deployed: none of half a megabyte is transformed first.
  server: { deps: { external: [/\/\.holdfast\/bundles\//] } },
};

export default defineConfig({
  test: {
    projects: [
      { test: { ...settings, name: 'alone', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...SHARING] } },
      { test: { ...settings, name: 'sharing', include: SHARING, isolate: false } },
    ],
    // Two cores: suites that wait, as those of failures do, leave theirs to others.
    maxWorkers: 4,
    globalSetup: ['test/helpers/global-setup.ts'],
    reporters: ['default'],
    sequence: { sequencer: LongestFirst },
  },
});
