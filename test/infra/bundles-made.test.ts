/** Bundles are taken as they stand only where nothing that they were made of has changed, and they neither. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { standsAsMade, sumsOf } from '../../infra/bundles-made.ts';

let directory: string;
const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
const stands = (by = 'esbuild 1') => standsAsMade(join(directory, 'made.json'), by, { inputs: directory, outputs: directory });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-made-'));
  write('in.ts', 'export const one = 1;');
  write('out.mjs', 'var o=1;');
  write('made.json', JSON.stringify({ by: 'esbuild 1', inputs: sumsOf(directory, ['in.ts']), outputs: sumsOf(directory, ['out.mjs']) }));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('nothing has changed', () => expect(stands()).toBe(true));

test.each<[string, () => void]>([
  ['a source, in as many bytes', () => write('in.ts', 'export const one = 2;')],
  ['a source that is gone', () => rmSync(join(directory, 'in.ts'))],
  ['a bundle', () => write('out.mjs', 'var o=2;')],
  ['a bundle that is gone', () => rmSync(join(directory, 'out.mjs'))],
  ['what was made, which nobody wrote down', () => rmSync(join(directory, 'made.json'))],
  ['what was made, of which half was written', () => write('made.json', '{"by":"esbuild 1","inp')],
])('they are made again after a change of %s', (_, change) => {
  change();
  expect(stands()).toBe(false);
});

test('another bundler, other options or other dependencies make them again', () => expect(stands('esbuild 2')).toBe(false));
