/** What was measured, kept from one run to the next: a row measured anew replaces what an earlier run found for it. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseJson } from '../core/parse-json.ts';
import { z } from 'zod';

export const Result = z.object({
  /** Instant at which the run began: what one run measured belongs together. */
  run: z.string(),
  work: z.enum(['backup', 'restore', 'verify', 'shaped', 'limit', 'bundle', 'first-byte', 'synthesis', 'retention', 'page']),
  /** Name of the tool, of the limit, of the handler. */
  of: z.string(),
  scale: z.number(),
  databaseBytes: z.number().optional(),
  wallSeconds: z.number(),
  toolCpuSeconds: z.number().optional(),
  postgresCpuSeconds: z.number().optional(),
  storeCpuSeconds: z.number().optional(),
  otherCpuSeconds: z.number().optional(),
  peakMemoryMiB: z.number().optional(),
  diskMiB: z.number().optional(),
  loadBefore: z.number().optional(),
  storedBytes: z.number().optional(),
  storedObjects: z.number().optional(),
  /** Of a restore. */
  isSame: z.boolean().optional(),
  /** Of a bundle: its size. Of a limit: what was moved. */
  bytes: z.number().optional(),
  /** Of a decision: what was asked of S3, and its price. */
  lists: z.number().optional(),
  gets: z.number().optional(),
  usd: z.number().optional(),
  failed: z.string().optional(),
});
export type Result = z.infer<typeof Result>;

export const saveResult = (path: string, result: Result): void => appendFileSync(path, `${JSON.stringify(result)}\n`);

export function loadResults(path: string): Result[] {
  if (!existsSync(path)) return [];
  const all = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => Result.parse(parseJson(Buffer.from(line))));
  const newest = new Map<string, string>();
  for (const { run, ...result } of all) newest.set(rowOf(result), run);
  return all.filter((result) => newest.get(rowOf(result)) === result.run);
}

const rowOf = ({ work, of, scale }: Pick<Result, 'work' | 'of' | 'scale'>) => `${work} ${of} ${scale}`;

/** One row of the report: the median of the rounds of one run. */
export type Row = Result & { rounds: number; fastestSeconds: number };

export function medianRows(results: readonly Result[]): Row[] {
  const groups = Map.groupBy(results, rowOf);
  return [...groups.values()].flatMap((rounds) => {
    const whole = rounds.filter(({ failed }) => failed === undefined);
    const [first] = whole;
    if (first === undefined) return rounds.slice(-1).map((round) => ({ ...round, rounds: 0, fastestSeconds: 0 }));
    const numbers = Object.keys(first).filter((key) => typeof first[key as keyof Result] === 'number') as NumberKey[];
    const medians = Object.fromEntries(numbers.map((key) => [key, median(whole.map((round) => round[key] ?? 0))]));
    const isSame = whole.every((round) => round.isSame !== false);
    return [
      {
        ...first,
        ...medians,
        ...(first.isSame === undefined ? {} : { isSame }),
        rounds: whole.length,
        fastestSeconds: Math.min(...whole.map(({ wallSeconds }) => wallSeconds)),
      },
    ];
  });
}

/** More than this share of the time, somebody else had a core: the times of such a row are too long. */
const LOADED_SHARE = 0.15;
const LOADED_AVERAGE = 2;
export const isLoaded = ({ otherCpuSeconds, wallSeconds, loadBefore = 0 }: Row): boolean =>
  otherCpuSeconds === undefined ? loadBefore > LOADED_AVERAGE : otherCpuSeconds / Math.max(wallSeconds, 0.1) > LOADED_SHARE;

type NumberKey = { [Key in keyof Result]-?: NonNullable<Result[Key]> extends number ? Key : never }[keyof Result];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
