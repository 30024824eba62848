/** A directory after an export that failed: as it was, or said what is left of it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTarget } from '../../../cli/export/target-directory.ts';

let above: string;
let directory: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'holdfast-target-'));
  directory = join(above, 'target');
});
afterEach(() => rmSync(above, { recursive: true, force: true }));

const open = () => openTarget(directory, 0, new AbortController().signal);
const byte = Buffer.from('x');

it('is gone when it was made', async () => {
  const target = await open();
  for (const file of ['a', 'b']) await target.write(file, byte);
  expect(await target.remove()).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});

it('is empty, and open to whom it was, when it was there', async () => {
  mkdirSync(directory, { mode: 0o755 });
  const target = await open();
  await target.write('a', byte);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(await target.remove()).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
  expect(statSync(directory).mode & 0o777).toBe(0o755);
});

it('is named with each file that cannot be removed, and the others are', async () => {
  const target = await open();
  for (const file of ['a', 'b', 'c']) await target.write(file, byte);
  rmSync(join(directory, 'a'));
  mkdirSync(join(directory, 'a'));
  expect(await target.remove()).toEqual([
    expect.stringMatching(/^\S+\/target\/a \(ERR_FS_EISDIR\)$/),
    expect.stringMatching(/^\S+\/target \(ENOTEMPTY\)$/),
  ]);
  expect(readdirSync(directory)).toEqual(['a']);
});

it('keeps a file that somebody else put there', async () => {
  const target = await open();
  writeFileSync(join(directory, 'a'), 'mine');
  await expect(target.write('a', byte)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await target.remove()).toEqual([expect.stringContaining('ENOTEMPTY')]);
  expect(readFileSync(join(directory, 'a')).toString()).toBe('mine');
});
