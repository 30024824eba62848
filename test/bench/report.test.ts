import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeGoals } from '../../bench/report/goals.ts';
import { buildSections } from '../../bench/report/sections.ts';
import { loadResults, medianRows, saveResult, type Result } from '../../bench/results.ts';

const RUN = '2026-11-21T05:00:00.000Z';
const result = (of: string, wallSeconds: number, more: Partial<Result> = {}): Result => ({
  run: RUN,
  work: 'backup',
  of,
  scale: 1,
  wallSeconds,
  toolCpuSeconds: wallSeconds,
  peakMemoryMiB: 200,
  diskMiB: 0,
  databaseBytes: 2.4e9,
  ...more,
});
const goal = (results: Result[], work: string, against = '') =>
  judgeGoals(medianRows(results), 1).find((each) => each.work === work && each.against.includes(against));

describe('results', () => {
  it('keep, of every row, what the newest run found', () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-results-'));
    const path = join(directory, 'results.jsonl');
    try {
      expect(loadResults(path)).toEqual([]);
      const later = '2026-11-21T06:00:00.000Z';
      for (const each of [result('fc', 40), result('fp', 12), result('fp', 13), result('fp', 11, { run: later })]) saveResult(path, each);
      expect(loadResults(path).map(({ of, wallSeconds }) => [of, wallSeconds])).toEqual([
        ['fc', 40],
        ['fp', 11],
      ]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('are medians of the rounds that did not fail', () => {
    const rows = medianRows([result('fc', 40), result('fc', 50), result('fc', 42), result('fc', 1, { failed: 'exit code 1' })]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ wallSeconds: 42, fastestSeconds: 40, rounds: 3 });
  });

  it('have a row for what failed every time, with no time in it', () => {
    const rows = medianRows([result('fc', 1, { failed: 'exit code 1' })]);
    expect(rows[0]).toMatchObject({ failed: 'exit code 1', rounds: 0 });
    expect(goal([result('fc', 1, { failed: 'exit code 1' }), result('holdfast', 8)], 'backup wall', '-Fc')?.value).toBeUndefined();
  });

  it('lose what a restore got wrong once', () => {
    const rows = medianRows([result('fc', 9, { work: 'restore', isSame: true }), result('fc', 8, { work: 'restore', isSame: false })]);
    expect(rows[0]?.isSame).toBe(false);
  });
});

describe('goals', () => {
  const measured = [result('fc', 43), result('fp', 11.6, { toolCpuSeconds: 10 }), result('holdfast', 8.5, { toolCpuSeconds: 10.5 })];

  it('are ratios to what people use', () => {
    expect(goal(measured, 'backup wall', '-Fc')).toMatchObject({ isMet: true, doubts: [] });
    expect(goal(measured, 'backup wall', '-Fp')?.value).toBeCloseTo(11.6 / 8.5);
    expect(goal(measured, 'backup CPU of the tool')).toMatchObject({ isMet: false });
    expect(goal(measured, 'restore wall')).toMatchObject({ value: undefined, isMet: undefined });
  });

  it('say when the two were not measured together, or not alone', () => {
    const other = result('holdfast', 8, { run: '2026-11-20T00:00:00.000Z' });
    expect(goal([measured[0]!, other], 'backup wall', '-Fc')?.doubts).toEqual(['of two runs']);
    const disturbed = result('holdfast', 8, { otherCpuSeconds: 4 });
    expect(goal([measured[0]!, disturbed], 'backup wall', '-Fc')?.doubts).toEqual(['machine loaded']);
  });

  it('count the worst memory of all sizes', () => {
    const large = result('holdfast', 40, { scale: 4.1, peakMemoryMiB: 300, databaseBytes: 1e10 });
    expect(goal([...measured, large], 'peak memory, dump and restore')).toMatchObject({ value: 300, isMet: false });
  });

  it('compare what a gigabyte more costs, small and large', () => {
    const at = (scale: number, gb: number, seconds: number) => result('holdfast', seconds, { scale, databaseBytes: gb * 1e9 });
    const steady = [at(0.08, 0.2, 1.5), at(1, 2.4, 1.5 + 2.2 * 3), at(4.1, 10, 1.5 + 9.8 * 3)];
    expect(goal(steady, 'marginal time per GB, 2.4 → 10 GB')?.value).toBeCloseTo(1);
    const worse = [at(0.08, 0.2, 1.5), at(1, 2.4, 8), at(4.1, 10, 40)];
    expect(goal(worse, 'marginal time per GB, 2.4 → 10 GB')?.isMet).toBe(false);
  });
});

describe('tables', () => {
  it('say of a row that others had the machine', () => {
    const rows = medianRows([result('holdfast', 10, { otherCpuSeconds: 5 }), result('fc', 40, { otherCpuSeconds: 0.5 })]);
    const backup = buildSections(rows, 1).find(({ id }) => id === 'backup');
    expect(backup?.rows.find(([title]) => title?.includes('holdfast'))?.at(-1)).toBe('machine loaded');
    expect(backup?.rows.find(([title]) => title?.includes('-Fc'))).toContain('4.00 × faster');
    expect(backup?.rows.find(([title]) => title?.includes('-Fc'))?.at(-1)).toBe('');
  });
});
