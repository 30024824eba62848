/**
 * What the bundles were made of. A synthesis that would make the same again takes those that stand: each plan of an account is a
 * synthesis of its own, and bundling is most of it. Judged by contents, never by times: old code under a new release would be worse
 * than any wait.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** SHA-256 by path. */
type Sums = Record<string, string>;
export type Made = {
  /** What else decides the result: the bundler, its options, and the file that pins every dependency. */
  by: string;
  inputs: Sums;
  outputs: Sums;
};

export const sumOf = (contents: string | Uint8Array): string => createHash('sha256').update(contents).digest('hex');

export const sumsOf = (directory: string, paths: readonly string[]): Sums =>
  Object.fromEntries(paths.map((path) => [path, sumOf(readFileSync(resolve(directory, path)))]));

/** Whether everything still stands as the file says, inputs and outputs. A file that cannot be read says nothing. */
export function standsAsMade(file: string, by: string, { inputs, outputs }: { inputs: string; outputs: string }): boolean {
  const made = readMade(file);
  return made?.by === by && stand(inputs, made.inputs) && stand(outputs, made.outputs);
}

const stand = (directory: string, sums: Sums) =>
  Object.entries(sums).every(([path, sum]) => {
    const full = resolve(directory, path);
    return existsSync(full) && sumOf(readFileSync(full)) === sum;
  });

function readMade(file: string): Made | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Made;
  } catch {
    return undefined;
  }
}
