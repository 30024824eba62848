/**
 * All functions, bundled by one call of esbuild: ten separate calls would take most of a synthesis. Each bundle is a folder of its
 * own that holds the module at the handler's path, so the deployed `Handler` also names the bundle: `backup/admit-slot.handler` is
 * `<bundles>/backup/admit-slot/backup/admit-slot.mjs`.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, version, type BuildOptions } from 'esbuild';
import { standsAsMade, sumOf, sumsOf, type Made } from './bundles-made.ts';
import { HANDLERS, type HandlerPath } from './handlers.ts';

const appRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const BUNDLES_DIR = join(appRoot, '.holdfast', 'bundles');

/** Folder that becomes the code of one function. */
export const bundleFolder = (handler: HandlerPath) => join(BUNDLES_DIR, handler);

const MADE_FILE = `${BUNDLES_DIR}-made.json`;

/** Where a position in a minified bundle is looked up. Not deployed: a function that reads a map at its start starts late. */
const MAPS_DIR = join(appRoot, '.holdfast', 'bundle-maps');

const bundled = (name: string) => join(appRoot, 'infra', 'bundled', name);
const REPLACED = {
  '@aws-sdk/credential-provider-node': bundled('environment-credentials.ts'),
  '@aws-crypto/branch-keystore-node': bundled('no-branch-keystore.ts'),
};

/** A bundled CommonJS dependency calls `require` for node's own modules, which an ES module does not have. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const OPTIONS = {
  absWorkingDir: appRoot,
  entryPoints: HANDLERS.map((h) => ({ in: join('functions', `${h}.ts`), out: join(h, h) })),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  alias: REPLACED,
  minify: true,
  // Retries and answers name errors by their class.
  keepNames: true,
  sourcemap: 'external',
  sourcesContent: false,
  banner: { js: banner },
  legalComments: 'eof',
  logLevel: 'silent',
  metafile: true,
} satisfies BuildOptions;

/** Does nothing where the bundles stand as the same sources made them. @throws Error that names every handler file that is missing, or what does not compile */
export function bundleFunctions(): void {
  const missing = HANDLERS.map((h) => join('functions', `${h}.ts`)).filter((file) => !existsSync(join(appRoot, file)));
  if (missing.length > 0) throw new Error(`These handlers are listed in infra/handlers.ts and do not exist: ${missing.join(', ')}`);
  const decisive = ['package.json', 'package-lock.json', 'tsconfig.json'].map((file) => readFileSync(join(appRoot, file), 'utf8'));
  const by = sumOf(JSON.stringify([version, OPTIONS, decisive]));
  if (standsAsMade(MADE_FILE, by, { inputs: appRoot, outputs: BUNDLES_DIR })) return;
  const begunAt = Date.now();
  const built = buildSync({ ...OPTIONS, outdir: BUNDLES_DIR, write: false });
  const outputs: Made['outputs'] = {};
  for (const { path, contents } of built.outputFiles) {
    const name = relative(BUNDLES_DIR, path);
    if (path.endsWith('.map')) writeIfChanged(MAPS_DIR, name, contents);
    else {
      writeIfChanged(BUNDLES_DIR, name, contents);
      outputs[name] = sumOf(contents);
    }
  }
  const files = Object.keys(built.metafile.inputs).filter((path) => existsSync(join(appRoot, path)));
  // What changed meanwhile may be bundled as it was before: the next synthesis bundles again.
  if (files.some((path) => statSync(join(appRoot, path)).mtimeMs >= begunAt)) return;
  const inputs = sumsOf(appRoot, files);
  writeIfChanged(dirname(MADE_FILE), basename(MADE_FILE), Buffer.from(JSON.stringify({ by, inputs, outputs } satisfies Made)));
}

/** By renaming, so that another synthesis at the same time reads the old bundle or the new one, never half of one, nor a folder with a file more. */
function writeIfChanged(directory: string, name: string, contents: Uint8Array): void {
  const path = join(directory, name);
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  const unfinishedDirectory = `${directory}-unfinished`;
  for (const needed of [dirname(path), unfinishedDirectory]) mkdirSync(needed, { recursive: true });
  const unfinished = join(unfinishedDirectory, randomUUID());
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) bundleFunctions();
