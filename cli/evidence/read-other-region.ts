import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { AccessRefused, ObjectMissing, StoreUnavailable } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { openVault, type Connection, type VaultPlace } from '../connection.ts';

export type RegionParts = {
  plan: ProtectionPlan;
  connection: Connection;
  environment: Record<string, string | undefined>;
  /** Which of the two vaults is looked at. */
  from: VaultPlace;
  /** Which verb tells what the other one holds, where that cannot be read from here. */
  verb?: string;
};

/** `note`: for people, why the other region could not be read. */
type OtherRegion<T> = { found: T; note?: undefined } | { found?: undefined; note: string };

export const otherPlace = (place: VaultPlace): VaultPlace => (place === 'vault' ? 'replica' : 'vault');

/** A region that is lost, or that whoever asks may not read. */
export const isUnread = (error: unknown): boolean =>
  [AccessRefused, ObjectMissing, StoreUnavailable].some((known) => error instanceof known);

export const explainUnread = (place: VaultPlace, verb: string): string =>
  `the ${place === 'vault' ? 'home' : 'second'} region held cannot be read from here: \`npx holdfast ${verb} --from ${place}\` shows them`;

/** A drill or a restore leaves its evidence in the region that held it: what the other one tells, where whoever asks may read it. */
export async function readOtherRegion<T>(
  { plan, connection, environment, from, verb = 'report' }: RegionParts,
  read: (reader: ObjectReader) => Promise<T>,
): Promise<OtherRegion<T>> {
  const other = otherPlace(from);
  try {
    return { found: await read(openVault(connection, plan, other, environment)) };
  } catch (error) {
    if (!isUnread(error)) throw error;
    return { note: `Drills and restores that ${explainUnread(other, verb)}` };
  }
}

/** Of evidence that is copied from one region into the other, one counts: the first. */
export const onceEach = <T extends { run: string }>(...lists: (readonly T[])[]): T[] => [
  ...new Map(
    lists
      .flat()
      .toReversed()
      .map((one) => [one.run, one]),
  ).values(),
];

/** The same of lists by asset, in the order of their times. */
export const joinDrills = <T extends { run: string; judgedAt: string }>(
  own: Readonly<Record<string, readonly T[]>>,
  others: Readonly<Record<string, readonly T[]>> | undefined,
  order: 'newest first' | 'oldest first',
): Record<string, T[]> => {
  const sign = order === 'oldest first' ? 1 : -1;
  const join = (id: string) =>
    onceEach(own[id] ?? [], others?.[id] ?? []).toSorted((a, b) => sign * (Date.parse(a.judgedAt) - Date.parse(b.judgedAt)));
  return Object.fromEntries(Object.keys({ ...own, ...others }).map((id) => [id, join(id)]));
};
