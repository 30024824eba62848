/** Points as the command line reads them: from the vault or the replica, under the credentials of whoever asks. */
import { FAILURES } from '../core/failure/classes.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { choosePoint, readPointWish } from '../core/restore/choose-point.ts';
import { isSlot } from '../core/vault/ids.ts';
import { placeObjects } from '../core/restore/place-objects.ts';
import { listAsset, readPoint } from '../core/vault/read-point.ts';
import type { Catalog, ListedPoint, PointRecords } from '../core/vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../core/vault/record-errors.ts';
import { ObjectMissing } from '../core/ports/object-errors.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { LATEST } from './assets.ts';
import type { VaultPlace } from './connection.ts';
import { findLostPoints, PointLost, type LostPoints } from './lost-points.ts';
import { translated } from './machines/aws-errors.ts';
import type { Context, VerbOption } from './verb.ts';

export const FROM_OPTION: VerbOption = { flags: '--from <place>', help: 'vault or replica (default: vault)' };

/** Points, or other records, read beside each other. */
export const READS_AT_ONCE = 8;
/** A colour is judged by at least so many points. */
const FEWEST_JUDGED = 20;

export type Vault = {
  reader: ObjectReader;
  /** Calls what reads, and tells its errors as those of this place. */
  reading<T>(call: () => Promise<T>): Promise<T>;
  catalog(asset: string): Promise<Catalog>;
  /** Those that are gone and did not expire. */
  lost(asset: string, catalog: Catalog): Promise<LostPoints>;
  /** The point, or why it cannot be read. Throws ObjectMissing, or PointLost when it was there once. */
  records(asset: string, point: string): Promise<PointRecords>;
  /** `latest` is the newest point that was verified; what else is no id is chosen as a restore does. Throws as `records` does, or NoSuchPoint. */
  resolve(asset: string, point: string): Promise<string>;
};

class NoSuchPoint extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(asset: string, wish: string, why: string) {
    super(`There is no point of ${asset} for '${wish}': ${why.replace(/^point: /, '')}`, FAILURES.PointMissing.advice);
  }
}

export async function openPoints(context: Context, place: VaultPlace): Promise<Vault> {
  const plan = context.plan();
  const connection = await context.connect();
  const { openVault } = await import('./connection.ts');
  const open = (of: VaultPlace) => openVault(connection, plan, of, context.frame.environment);
  const other = open(place === 'vault' ? 'replica' : 'vault');
  return pointsOf(open(place), plan.system, { place, where: connection.where, other });
}

type From = { place: VaultPlace; where: string; other?: ObjectReader };

/** @param from which of the two places, and for messages in which account and region; `other` is asked for what is lost in this one */
export function pointsOf(reader: ObjectReader, system: string, { place, where, other }: From): Vault {
  const reading = <T>(call: () => Promise<T>) => translated(`Reading the ${place} s3://${reader.bucket}`, where, call);
  const catalogOf = (asset: string) => reading(() => listAsset(reader, system, asset));
  const lostOf = (asset: string, catalog: Catalog) => reading(() => findLostPoints({ reader, place, other }, system, asset, catalog));
  /** @param point undefined for the newest of those that are lost */
  const missing = async (asset: string, point: string | undefined, catalog: Catalog, what: string): Promise<never> => {
    const { points } = await lostOf(asset, catalog);
    const lost = point === undefined ? points[0] : points.find((one) => one.point === point);
    throw lost ? new PointLost(asset, lost, place) : new ObjectMissing(`${what} in the ${place} s3://${reader.bucket}`);
  };
  return {
    reader,
    reading,
    catalog: catalogOf,
    lost: lostOf,
    async records(asset, point) {
      const records = await reading(() => readPoint(reader, system, asset, point));
      return records ?? missing(asset, point, await catalogOf(asset), `The point ${asset}/${point}`);
    },
    async resolve(asset, point) {
      if (isSlot(point)) return point;
      const catalog = await catalogOf(asset);
      if (point !== LATEST) {
        const records = (one: string) => reading(() => readPoint(reader, system, asset, one));
        const dataAt = async (one: string) => (await records(one))?.manifest.consistentAt ?? '';
        const chosen = await choosePoint(readPointWish(point), catalog.points, place, { records, dataAt });
        if ('problem' in chosen) throw new NoSuchPoint(asset, point, chosen.problem);
        return chosen.point;
      }
      const newest = catalog.points.find((one) => one.kinds.has('verified') && !one.kinds.has('tombstone'));
      return newest?.point ?? missing(asset, undefined, catalog, `A verified point of ${asset}`);
    },
  };
}

export type ReadPoint = { listed: ListedPoint } & ({ records: PointRecords } | { damage: string });

/** `judged` is what a colour is decided from; it is the same whatever is shown. */
export type NewestPoints = {
  shown: ReadPoint[];
  judged: ReadPoint[];
  older: number;
  lost: LostPoints;
  /** Passed over for a tombstone, though they are there. */
  expiring: ListedPoint[];
};

/**
 * The newest `limit` points to show; one whose records are damaged is among them, with what is wrong. A colour is judged by the
 * newest few, and when none of those `isVerified`, by older ones too, down to the first that is.
 */
export async function readNewest(
  vault: Vault,
  asset: string,
  limit: number,
  isVerified: (point: ReadPoint) => boolean,
): Promise<NewestPoints> {
  const catalog = await vault.catalog(asset);
  // A point with a tombstone is about to go, and may be half gone already.
  const listed = catalog.points.filter(({ kinds }) => !kinds.has('tombstone'));
  const wanted = listed.slice(0, Math.max(limit, FEWEST_JUDGED));
  const read: ReadPoint[] = [];
  for (let start = 0; start < wanted.length; start += READS_AT_ONCE)
    read.push(...(await Promise.all(wanted.slice(start, start + READS_AT_ONCE).map((one) => readOne(vault, asset, one)))));
  const judged = read.slice(0, FEWEST_JUDGED);
  // What the listing does not call verified needs no reading.
  const older = judged.some(isVerified) ? [] : listed.slice(FEWEST_JUDGED).filter(({ kinds }) => kinds.has('verified'));
  for (const one of older) {
    const point = read.find((already) => already.listed === one) ?? (await readOne(vault, asset, one));
    judged.push(point);
    if (isVerified(point)) break;
  }
  return {
    shown: read.slice(0, limit),
    judged,
    older: Math.max(0, listed.length - limit),
    lost: await vault.lost(asset, catalog),
    expiring: catalog.points.filter(({ kinds }) => kinds.has('tombstone')),
  };
}

async function readOne(vault: Vault, asset: string, listed: ListedPoint): Promise<ReadPoint> {
  try {
    return { listed, records: await vault.records(asset, listed.point) };
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown || error instanceof ObjectMissing)
      return { listed, damage: error.message };
    throw error;
  }
}

/** Reads the objects of a point where they stand: the replica has version ids of its own. Undefined when it does not hold them all. */
export function readerOfPlace(reader: ObjectReader, { manifest, facts }: PointRecords, place: VaultPlace): ObjectReader | undefined {
  const placed = placeObjects(manifest, facts, place);
  if (placed === undefined) return undefined;
  const versions = new Map(manifest.objects.map((object, index) => [`${object.key}\n${object.versionId}`, placed[index]?.versionId]));
  const at = <R extends { key: string; versionId?: string | undefined }>(ref: R): R => {
    const versionId = versions.get(`${ref.key}\n${ref.versionId}`);
    return versionId === undefined ? ref : { ...ref, versionId };
  };
  return { ...reader, get: (ref) => reader.get(at(ref)), read: (ref) => reader.read(at(ref)), head: (ref) => reader.head(at(ref)) };
}
