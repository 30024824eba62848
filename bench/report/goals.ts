/** What is to be reached, as ratios to what people use; and how far each is reached by what was measured. */
import { GROWTH_SCALES } from '../scenarios/growth-scales.ts';
import { shapedName } from '../scenarios/shaped.ts';
import { OWN } from '../peers/all.ts';
import { isLoaded, type Row } from '../results.ts';

export type Goal = {
  work: string;
  against: string;
  reach: string;
  /** Undefined when not everything for it has been measured. */
  value: number | undefined;
  unit: '×' | 'MiB';
  isMet: boolean | undefined;
  /** What makes the value worth less: rows of more than one run, or of a machine that others had too. */
  doubts: string[];
};

const LARGEST_MEMORY_MIB = 256;
const LARGEST_GROWTH = 0.15;

export type Find = (work: Row['work'], of: string, scale?: number) => Row | undefined;

export const finder =
  (rows: readonly Row[], scale: number): Find =>
  (work, of, at = scale) =>
    rows.find((row) => row.work === work && row.of === of && row.scale === at && row.rounds > 0);

export function judgeGoals(rows: readonly Row[], scale: number): Goal[] {
  const find = finder(rows, scale);
  const own = find('backup', OWN.name);
  const restored = find('restore', OWN.name);
  const [fc, fp] = [find('backup', 'fc'), find('backup', 'fp')];
  const wall = (row: Row | undefined) => row?.wallSeconds;
  const cpu = (row: Row | undefined) => row?.toolCpuSeconds;
  const memory = rows.filter((row) => row.of === OWN.name && (row.work === 'backup' || row.work === 'restore') && row.rounds > 0);
  const ownRows = memory.filter((row) => row.scale === scale);
  return [
    atLeast('backup wall', '`pg_dump -Fc` into `aws s3 cp`', 5, [fc, own], wall),
    atLeast('backup wall', '`pg_dump -Fp`, `zstd -1 -T0`, `aws s3 cp`', 1.35, [fp, own], wall),
    atMost('backup CPU of the tool', '`pg_dump -Fp`, `zstd`, `aws`', 1, [own, fp], cpu),
    atLeast('restore wall', 'download and `pg_restore -j2`', 1.2, [find('restore', 'fc'), restored], wall),
    below('peak memory, dump and restore', 'at every size measured', LARGEST_MEMORY_MIB, memory, (row) => row.peakMemoryMiB ?? 0),
    below('local disk', 'dump and restore', 1, ownRows, (row) => row.diskMiB ?? 0, 'none'),
    growth(find, scale),
    atLeast('4 workers, connections of 50 MB/s', '1 worker', 3.5, [find('shaped', shapedName(1)), find('shaped', shapedName(4))], wall),
    atMost('verify wall', 'backup wall', 0.5, [find('verify', OWN.name), own], wall),
  ];
}

type Pair = readonly [Row | undefined, Row | undefined];

function ratio([above, below]: Pair, of: (row: Row | undefined) => number | undefined): number | undefined {
  const [a, b] = [of(above), of(below)];
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}

function doubts(rows: readonly (Row | undefined)[]): string[] {
  const runs = new Set(rows.map((row) => row?.run));
  return [...(runs.size > 1 ? ['of two runs'] : []), ...(rows.some((row) => row !== undefined && isLoaded(row)) ? ['machine loaded'] : [])];
}

type Of = (row: Row | undefined) => number | undefined;

function atLeast(work: string, against: string, goal: number, pair: Pair, of: Of): Goal {
  const value = ratio(pair, of);
  const isMet = value === undefined ? undefined : value >= goal;
  return { work, against, reach: `${goal} × faster, or better`, value, unit: '×', isMet, doubts: doubts(pair) };
}

function atMost(work: string, against: string, goal: number, pair: Pair, of: Of): Goal {
  const value = ratio(pair, of);
  const isMet = value === undefined ? undefined : value <= goal;
  return { work, against, reach: goal === 1 ? 'no more' : `at most ${goal} ×`, value, unit: '×', isMet, doubts: doubts(pair) };
}

function below(
  work: string,
  against: string,
  goal: number,
  rows: readonly Row[],
  of: (row: Row) => number,
  reach = `under ${goal} MiB`,
): Goal {
  const value = rows.length === 0 ? undefined : Math.max(...rows.map(of));
  return { work, against, reach, value, unit: 'MiB', isMet: value === undefined ? undefined : value < goal, doubts: [] };
}

/** Marginal time per GB between the two larger databases, over that between the two smaller ones. */
function growth(find: Find, scale: number): Goal {
  const [, small, middle, large] = GROWTH_SCALES.map((part) => find('backup', OWN.name, part * scale));
  const upper = marginalSeconds(middle, large);
  const lower = marginalSeconds(small, middle);
  const value = upper === undefined || lower === undefined ? undefined : upper / lower;
  return {
    work: 'marginal time per GB, 2.4 → 10 GB',
    against: '0.2 → 2.4 GB',
    reach: 'within 15 %',
    value,
    unit: '×',
    isMet: value === undefined ? undefined : value <= 1 + LARGEST_GROWTH,
    doubts: doubts([small, middle, large]),
  };
}

const BYTES_PER_GB = 1e9;
export function marginalSeconds(smaller: Row | undefined, larger: Row | undefined): number | undefined {
  if (smaller?.databaseBytes === undefined || larger?.databaseBytes === undefined) return undefined;
  return ((larger.wallSeconds - smaller.wallSeconds) * BYTES_PER_GB) / (larger.databaseBytes - smaller.databaseBytes);
}
