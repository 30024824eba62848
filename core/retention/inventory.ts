import type { ObjectReader } from '../ports/object-store.ts';
import { mapSeveralAtOnce } from '../several-at-once.ts';
import { slotInstant } from '../vault/ids.ts';
import { listPoints, readPoint, type ListedPoint } from '../vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../vault/record-errors.ts';
import { summarizePoint } from '../vault/summarize-point.ts';
import { findWindows, type PointState } from './decide.ts';
import { activeHolds } from './holds.ts';
import type { RetentionPolicy } from './policy.ts';

const READS_AT_ONCE = 16;

/**
 * The points of an asset, by one listing of its catalog. Facts are read only of those that no window keeps, and of those that may be
 * proven.
 */
export async function readPointStates(
  reader: ObjectReader,
  { system, asset }: { system: string; asset: string },
  policy: RetentionPolicy,
  now: Date,
): Promise<PointState[]> {
  const listed = (await listPoints(reader, system, asset)).map(stateOf);
  const windows = findWindows(listed, policy, now);
  let proven = 0;
  const reads = new Set(listed.filter(({ point, tombstoned }) => tombstoned || windows.get(point)?.length === 0).map(({ point }) => point));
  for (const { point, proven: maybe } of listed) {
    if (maybe) reads.add(point);
    if (maybe && ++proven >= 2 * policy.keepProven) break;
  }
  return mapSeveralAtOnce(listed, READS_AT_ONCE, async (state) =>
    reads.has(state.point) ? { ...state, ...(await readState(reader, { system, asset, point: state.point })) } : state,
  );
}

const stateOf = ({ point, kinds }: ListedPoint): PointState => ({
  point,
  instant: slotInstant(point),
  verified: kinds.has('verified'),
  proven: kinds.has('drilled'),
  replicated: kinds.has('replicated'),
  holds: kinds.has('held') ? ['a hold'] : [],
  neededBy: [],
  tombstoned: kinds.has('tombstone'),
});

async function readState(
  reader: ObjectReader,
  { system, asset, point }: { system: string; asset: string; point: string },
): Promise<Partial<PointState>> {
  try {
    const records = await readPoint(reader, system, asset, point);
    if (!records) return {};
    const { lockedUntil, provenAt } = summarizePoint(records.manifest, records.facts);
    return {
      proven: provenAt !== undefined,
      holds: activeHolds(records.facts),
      ...(lockedUntil === undefined ? {} : { lockedUntil: new Date(lockedUntil) }),
    };
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown) return { unreadable: error.message };
    throw error;
  }
}
