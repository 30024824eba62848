import { describe, expect, it } from 'vitest';
import { chooseWorkers } from '../../../core/backup/choose-workers.ts';
import { selectSegmentedTables } from '../../../core/backup/choose-tables.ts';
import { PostgresAsset } from '../../../core/plan/schema.ts';
import { assetPlan } from '../../tasks/dump/ports.ts';

const MIB = 1024 ** 2;
const tables = (...mib: number[]) => mib.map((size) => ({ name: `t${size}`, bytes: size * MIB }));
const select = (sizes: number[], restMib = 0, workers = 2) =>
  selectSegmentedTables(tables(...sizes), { restBytes: restMib * MIB, workers }).map(({ bytes }) => bytes / MIB);

describe('tables that are read in segments', () => {
  it.each<[string, number[], number, number[]]>([
    ['none of none', [], 0, []],
    ['all from 32 MiB on, largest first', [31, 40, 1000, 32], 0, [1000, 40, 32]],
    ['smaller ones too, until little is left to pg_dump', [1, 2, 3, 4, 5, 6], 0, [6, 5, 4, 3, 2, 1]],
    ['none under 1 MiB, whatever is left', [0.5, 0.9, 0.2], 100, []],
    ['smaller ones while the rest is big', [900, 20, 10], 300, [900, 20, 10]],
  ])('%s', (_, sizes, rest, expected) => expect(select(sizes, rest)).toEqual(expected));

  it('are not more than pg_dump can be told of', () => {
    expect(select(Array.from({ length: 3000 }, () => 100))).toHaveLength(1000);
  });
});

describe('workers', () => {
  const asset = (task: object, workers?: number) =>
    PostgresAsset.parse({ ...assetPlan(workers === undefined ? {} : { workers }), task: { cpu: 1024, memoryMiB: 2048, ...task } });
  it.each([
    [{ cpu: 256, memoryMiB: 512 }, 1],
    [{ cpu: 512, memoryMiB: 1024 }, 1],
    [{ cpu: 1024, memoryMiB: 2048 }, 2],
    [{ cpu: 2048, memoryMiB: 4096 }, 4],
    [{ cpu: 4096, memoryMiB: 8192 }, 8],
    [{ cpu: 4096, memoryMiB: 512 }, 4],
  ])('of a task of %o are %i', (task, workers) => expect(chooseWorkers(asset(task))).toBe(workers));
  it('are as many as the plan says', () => expect(chooseWorkers(asset({ cpu: 256 }, 12))).toBe(12));
});
