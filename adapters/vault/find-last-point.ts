import type { ObjectReader } from '../../core/ports/object-store.ts';
import { slotInstant } from '../../core/vault/ids.ts';
import { catalogPrefix } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';

/** Points are looked for by days before all of them are listed: of years of hourly ones that would be thousands of answers. */
const DAYS_LOOKED_AT = 10;
const DAY_MS = 86_400_000;

/** The newest committed point of an asset that is older than this one, whatever became of it since; undefined when there is none. */
export async function findLastPoint(
  vault: ObjectReader,
  { system, asset, before }: { system: string; asset: string; before: string },
): Promise<string | undefined> {
  const catalog = catalogPrefix(system, asset);
  for (let daysBack = 0; daysBack < DAYS_LOOKED_AT; daysBack++) {
    const day = new Date(slotInstant(before).getTime() - daysBack * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
    const older: string[] = [];
    for await (const { key, isDeleteMarker } of vault.listVersions(`${catalog}${day}`)) {
      const [point = '', file] = key.slice(catalog.length).split('/');
      if (file === 'manifest.json' && !isDeleteMarker && point < before) older.push(point);
    }
    const newest = older.toSorted().at(-1);
    if (newest !== undefined) return newest;
  }
  return (await listPoints(vault, system, asset)).map(({ point }) => point).find((point) => point < before);
}
