/** The rules of docs/design.md, "Layout", held over the sources themselves: who may import whom, and what core may not touch. */
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAYERS = ['core', 'adapters', 'functions', 'tasks', 'infra', 'local', 'cli', 'bin', 'bench'] as const;
type Layer = (typeof LAYERS)[number];

/** What each folder may import. functions and tasks do not know of one another, but for what a task shares with another task. */
const MAY_IMPORT: Record<Layer, readonly Layer[]> = {
  core: ['core'],
  adapters: ['core', 'adapters'],
  functions: ['core', 'adapters', 'functions'],
  tasks: ['core', 'adapters', 'tasks'],
  // Handlers and tasks are referred to by path.
  infra: ['core', 'infra'],
  // What the app leaves out for an emulator is said once, in infra/emulator.ts.
  local: ['core', 'adapters', 'local'],
  cli: ['core', 'adapters', 'tasks', 'local', 'cli'],
  bin: ['core', 'infra', 'cli', 'bin'],
  // It measures the tasks as they are started, and the bundles as they are deployed.
  bench: ['core', 'adapters', 'infra', 'local', 'cli', 'bench'],
};

/** Single imports that cross a line for a reason. */
const EXCEPTIONS = new Set(['cli/demo/run-demo.ts → infra/emulator.ts']);

/** Libraries without input or output that core may use. */
const PURE_PACKAGES = new Set([
  'zod',
  'croner',
  'yaml',
  '@sigstore/core',
  '@scure/base',
  'echarts/charts',
  'echarts/components',
  'echarts/core',
  'echarts/renderers',
  'qr',
  'node:crypto',
  'node:buffer',
  'node:util',
  'node:string_decoder',
  'node:path',
  'node:zlib',
  'node:stream',
]);
const IMPURE = [
  /\bprocess\.(env|argv|exit)\b/,
  /\bnew Date\(\)/,
  /\bDate\.now\(\)/,
  /\bMath\.random\(\)/,
  /\brandom(UUID|Bytes)\(/,
  /\bfetch\(/,
  /\bsetTimeout\(/,
];
/** A handler decides little and a file is about one thing: longer ones want a name for a part of them. */
const LONGEST_FILE_LINES = 250;
const LONGEST_HANDLER_LINES = 100;

const files = LAYERS.flatMap((layer) => globSync(`${layer}/**/*.ts`, { cwd: ROOT })).map((path) => path.replaceAll('\\', '/'));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const layerOf = (path: string) => path.split('/')[0] as Layer;
const imports = (text: string) => [...text.matchAll(/(?:from\s+|import\s+|import\()'([^']+)'/g)].map(([, name]) => name!);
const code = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

describe('the layers', () => {
  it('finds the sources', () => expect(files.length).toBeGreaterThan(150));

  it('are imported downwards only', () => {
    const wrong = files.flatMap((path) =>
      imports(read(path))
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(path), name)).replaceAll('\\', '/'))
        .filter((target) => LAYERS.includes(layerOf(target)) && !MAY_IMPORT[layerOf(path)].includes(layerOf(target)))
        .map((target) => `${path} → ${target}`)
        .filter((edge) => !EXCEPTIONS.has(edge)),
    );
    expect(wrong).toEqual([]);
  });

  it('have a core that is pure', () => {
    const core = files.filter((path) => layerOf(path) === 'core');
    const foreign = core.flatMap((path) =>
      imports(read(path))
        .filter((name) => !name.startsWith('.') && !PURE_PACKAGES.has(name))
        .map((name) => `${path} imports ${name}`),
    );
    const impure = core.flatMap((path) =>
      IMPURE.filter((pattern) => pattern.test(code(read(path)))).map((pattern) => `${path} has ${pattern}`),
    );
    expect([...foreign, ...impure]).toEqual([]);
  });

  it('read the environment at their edges only', () => {
    const allowed =
      /^(bin\/|functions\/(signed-)?edge\.ts|functions\/[^/]+\/[^/]+\.ts|tasks\/[^/]+\/entrypoint\.ts|infra\/bundled\/environment-credentials\.ts|bench\/main\.ts|tasks\/fill-compile-cache\.ts|cli\/frame\.ts|local\/run\/function-worker\.ts|local\/run\/function-child\.ts)/;
    expect(files.filter((path) => !allowed.test(path) && /\bprocess\.env\b/.test(code(read(path))))).toEqual([]);
  });

  it('have short files', () => {
    const lines = (path: string) => read(path).split('\n').length - 1;
    const limit = (path: string) => (/^functions\/[^/]+\//.test(path) ? LONGEST_HANDLER_LINES : LONGEST_FILE_LINES);
    expect(files.filter((path) => lines(path) > limit(path)).map((path) => `${path}: ${lines(path)} lines`)).toEqual([]);
  });

  it('name files in kebab-case', () => expect(files.filter((path) => !/^[a-z0-9/-]+(\.d)?\.ts$/.test(path))).toEqual([]));
});
