/** Which point a restore takes. A restore and its preview choose in the same way. */
import { describeChoice, findPointObstacle, selectPoint } from '../drill/select-point.ts';
import { secondsText } from '../quantities.ts';
import type { Fact } from '../vault/facts.ts';
import { isSlot, slotInstant } from '../vault/ids.ts';
import type { Manifest } from '../vault/manifest.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../vault/record-errors.ts';
import type { VaultSide } from '../vault/side.ts';
import { summarizePoint } from '../vault/summarize-point.ts';

/** An id; the newest whose data is from before an instant, or of it; the newest; or the newest that a drill has proven. */
export type PointWish = { point: string } | { before: Date } | 'latest' | 'latest-proven';

/** Undefined when it is none. */
export function readPointWish(wish: string | undefined): PointWish | undefined {
  if (wish === undefined || wish === 'latest-proven') return 'latest-proven';
  if (wish === 'latest') return 'latest';
  if (isSlot(wish)) return { point: wish };
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(wish);
  const before = new Date(wish);
  return isInstant && !Number.isNaN(before.getTime()) ? { before } : undefined;
}

export type PointReads = {
  /** Undefined when the point is gone since. */
  records: (point: string) => Promise<{ manifest: Manifest; facts: readonly Fact[] } | undefined>;
  /** What its manifest says; no other record of it matters. */
  dataAt: (point: string) => Promise<string>;
};
/** `dataAt`: what the data of the point is of, where it was an instant that was asked for. */
export type ChosenPoint = { point: string; dataAt?: string };

/**
 * The point to restore, among those that the vault has, newest first. What a listing does not tell, a proof and the age of the data, is
 * read from the newest on until one has it.
 */
export async function choosePoint(
  wish: PointWish | undefined,
  points: readonly ListedPoint[],
  from: VaultSide,
  reads: PointReads,
): Promise<ChosenPoint | { problem: string }> {
  if (wish === undefined) return { problem: describeChoice(points, from) };
  if (wish === 'latest-proven') {
    for (const { point, kinds } of points.filter((one) => findPointObstacle(one, from) === undefined)) {
      const records = kinds.has('drilled') ? await reads.records(point).catch(passDamaged) : undefined;
      if (records && summarizePoint(records.manifest, records.facts).provenAt !== undefined) return { point };
    }
    return { problem: noneIsProven(points, from) };
  }
  if (typeof wish === 'object' && 'before' in wish) return newestBefore(wish.before, points, from, reads);
  const selected = selectPoint(points, from, typeof wish === 'object' ? wish.point : undefined);
  return selected.found ? { point: selected.point } : { problem: `point: ${selected.reason}` };
}

/**
 * A run may read its source long after the instant that it is for: the data of a point says what it is of, and not its slot. A record
 * that is damaged is no reason to take an older point unasked.
 */
async function newestBefore(
  before: Date,
  points: readonly ListedPoint[],
  from: VaultSide,
  reads: PointReads,
): Promise<ChosenPoint | { problem: string }> {
  const early = points.filter(({ point }) => slotInstant(point) <= before);
  for (const { point } of early.filter((one) => findPointObstacle(one, from) === undefined)) {
    const dataAt = await reads.dataAt(point);
    if (Date.parse(dataAt) <= before.getTime()) return { point, dataAt };
  }
  return {
    problem: `point: the data of no point that can be restored is as old as ${before.toISOString()}. ${describeChoice(points, from)}`,
  };
}

/** How far the data lies before what was asked for: a sentence without its stop, or nothing where no instant was. */
export const describeAsOf = (wish: PointWish | undefined, { dataAt }: ChosenPoint): string[] =>
  dataAt !== undefined && typeof wish === 'object' && 'before' in wish
    ? [
        `asked for as of ${wish.before.toISOString()}: the data of the point is of ${dataAt}, ${secondsText((wish.before.getTime() - Date.parse(dataAt)) / 1000)} before it`,
      ]
    : [];

/** What somebody damaged proves nothing, and keeps no older point from it. */
function passDamaged(error: unknown): undefined {
  if (!(error instanceof PointRecordDamaged) && !(error instanceof RecordFormatUnknown)) throw error;
}

const noneIsProven = (points: readonly ListedPoint[], from: VaultSide): string =>
  points.length === 0
    ? `point: There is no point in the ${from} yet`
    : `point: no drill has proven a point in the ${from} that can be restored. "point": "latest" (\`restore latest\`) takes the newest verified one; ${describeChoice(points, from)}`;
