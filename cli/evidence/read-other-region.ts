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
};

/** `note`: for people, why the other region could not be read. */
type OtherRegion<T> = { found: T; note?: undefined } | { found?: undefined; note: string };

/** A drill or a restore leaves its evidence in the region that held it: what the other one tells, where whoever asks may read it. */
export async function readOtherRegion<T>(
  { plan, connection, environment, from }: RegionParts,
  read: (reader: ObjectReader) => Promise<T>,
): Promise<OtherRegion<T>> {
  const [other, region] = from === 'vault' ? (['replica', 'second'] as const) : (['vault', 'home'] as const);
  try {
    return { found: await read(openVault(connection, plan, other, environment)) };
  } catch (error) {
    if (![AccessRefused, ObjectMissing, StoreUnavailable].some((known) => error instanceof known)) throw error;
    const next = `\`npx holdfast report --from ${other}\` shows them`;
    return { note: `Drills and restores that the ${region} region held cannot be read from here: ${next}` };
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
