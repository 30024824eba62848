import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../bin/holdfast.mjs', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  bin: { holdfast: string };
  engines: { node: string };
  devDependencies: { node: string };
};
/** What a program sees of the Node that runs it. */
const AS_OF_20 = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})`;

test('package.json asks for the Node that the program asks for, and brings it', () => {
  const needed = Number(/NEEDED = (\d+)/.exec(readFileSync(PROGRAM, 'utf8'))?.[1]);
  expect(manifest.engines.node).toBe(`>=${needed}`);
  expect(manifest.devDependencies.node).toMatch(new RegExp(`^${needed}\\.`));
});

test('the program that is installed says in a sentence which Node it needs', async () => {
  expect(manifest.bin.holdfast).toBe('bin/holdfast.mjs');
  await expect(run(process.execPath, ['--import', AS_OF_20, PROGRAM, 'list'])).rejects.toMatchObject({
    code: 78,
    stdout: '',
    stderr: expect.stringMatching(/^holdfast needs Node 24, and this is 20\.20\.2: .*npx holdfast.*\n$/) as string,
  });
  expect((await run(process.execPath, [PROGRAM, '--version'])).stdout).toBe(`${manifest.version}\n`);
});
