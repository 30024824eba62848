import { readManifest } from '../../adapters/vault/read-records.ts';
import { selectPoint, type Damage, type SelectedPoint } from '../../core/drill/select-point.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ListedPoint } from '../../core/vault/read-point.ts';
import type { VaultSide } from '../../core/vault/side.ts';

type Taken = Extract<SelectedPoint, { found: true }> & { isNewest: boolean };

/**
 * The point of a drill, and whether it is the newest that there is. Whether it is from before a damage its data says, and not its
 * slot: a run may read its source long after the instant that it is for.
 */
export async function takePoint(
  vault: ObjectReader,
  { system, asset }: { system: string; asset: string },
  points: readonly ListedPoint[],
  { from, asked, damagedAt }: { from: VaultSide; asked: string | undefined; damagedAt: Date | undefined },
): Promise<Taken | Extract<SelectedPoint, { found: false }>> {
  const damaged = new Set<string>();
  const damage: Damage | undefined = damagedAt && { at: damagedAt, in: damaged };
  for (;;) {
    const selected = selectPoint(points, from, asked, damage);
    if (!selected.found) return selected;
    const { point } = selected;
    const consistentAt = damage && (await readManifest(vault, { system, asset, point })).manifest.consistentAt;
    if (damage === undefined || consistentAt === undefined || Date.parse(consistentAt) <= damage.at.getTime()) {
      const newest = selectPoint(points, from, undefined);
      return { ...selected, isNewest: newest.found && newest.point === point };
    }
    if (asked !== undefined)
      return {
        found: false,
        reason: `The data of the point ${point} is of ${consistentAt}, and the damage of ${damage.at.toISOString()} is in it. Name an older one, or none: the newest from before it is taken then`,
      };
    damaged.add(point);
  }
}
