/** `npm run bench` at its smallest, our own tools alone, so that it still runs on the day that it is wanted. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import { runBench } from '../../bench/run-bench.ts';
import { isRunThisTime } from '../helpers/sample-tests.ts';

const SCALE = 0.001;
// PostgreSQL refuses to be root; the account that it is instead has to enter.
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-test-'));
chmodSync(directory, 0o755);
const state = join(directory, 'state');
const output = join(directory, 'output');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.runIf(isRunThisTime('a whole bench', 2))(
  'backs up, verifies and restores and reports in words, JSON and a picture',
  async () => {
    const { binDir, major } = inject('postgres');
    const said: string[] = [];
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, 'performance.md'), 'Before.\n<!-- bench:backup -->\nOld.\n<!-- /bench:backup -->\nAfter.\n');
    const args = [
      '--scale',
      String(SCALE),
      '--rounds',
      '1',
      '--only',
      'backup,restore,verify,prices,holdfast',
      '--state',
      state,
      '--output',
      output,
    ];
    const exitCode = await runBench(readOptions(args), {
      environment: process.env,
      say: (text) => said.push(text),
      given: { binDir, major, store: inject('emulator') },
    });
    const text = said.join('\n');
    expect(text).not.toContain('FAILED');
    expect(exitCode).toBe(0);
    expect(text).toContain('interface endpoints');

    type Report = { rows: { work: string; of: string; isSame?: boolean; wallSeconds: number; peakMemoryMiB: number }[] };
    const { rows } = JSON.parse(readFileSync(join(output, 'bench.json'), 'utf8')) as Report;
    const of = (work: string) => rows.filter((row) => row.work === work);
    for (const work of ['backup', 'verify', 'restore'])
      expect(
        of(work)
          .map((row) => row.of)
          .toSorted(),
      ).toEqual(['holdfast']);
    for (const row of of('restore')) expect(row.isSame).toBe(true);
    for (const row of rows) expect(row.wallSeconds).toBeGreaterThan(0);
    for (const row of of('backup')) expect(row.peakMemoryMiB).toBeGreaterThan(10);

    expect(readFileSync(join(output, 'images', 'bench.svg'), 'utf8')).toMatch(/^<svg[^]*holdfast, segmented[^]*<\/svg>\n$/);
    expect(readFileSync(join(output, 'performance.md'), 'utf8')).toMatch(
      /^Before\.\n<!-- bench:backup -->\n\| tool \|[^]*\| holdfast[^]*\nAfter\.\n$/,
    );
  },
  120_000,
);
