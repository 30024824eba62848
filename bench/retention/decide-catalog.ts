/** Decides about every point of a catalog, asset by asset, as the retention machine does for each. */
import { s3Reader } from '../../adapters/s3/read-objects.ts';
import { decideRetention } from '../../core/retention/decide.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { PRICES } from '../../core/prices/price-table.ts';
import { fakeCatalog, type CatalogSize } from './fake-catalog.ts';

const NEWEST = new Date('2026-11-21T00:00:00Z');
const NOW = new Date('2026-11-21T01:00:00Z');
const HOUR_SECONDS = 3600;
/** Of the points: what a daily run of a plan that keeps hourly points for half a year finds. */
const EXPIRING_SHARE = 0.005;

export type Decided = { assets: number; points: number; expires: number; lists: number; gets: number; usd: number; seconds: number };

export async function decideCatalog(size: CatalogSize): Promise<Decided> {
  const { client, requests } = fakeCatalog(size, NEWEST);
  const reader = s3Reader(client, 'vault');
  const hotHours = size.pointsOfAsset - Math.ceil(size.pointsOfAsset * EXPIRING_SHARE);
  const policy: RetentionPolicy = {
    hotSeconds: hotHours * HOUR_SECONDS,
    monthlySeconds: 366 * 24 * HOUR_SECONDS,
    keepProven: 2,
    zone: 'Europe/Berlin',
  };
  const startedAt = performance.now();
  const found = { assets: 0, points: 0, expires: 0 };
  for await (const systemFolder of reader.listFolders('catalog/')) {
    for await (const assetFolder of reader.listFolders(systemFolder)) {
      const [, system = '', asset = ''] = assetFolder.split('/');
      const decisions = decideRetention(await readPointStates(reader, { system, asset }, policy, NOW), policy, NOW);
      found.assets++;
      found.points += decisions.length;
      found.expires += decisions.filter(({ action }) => action === 'expire').length;
    }
  }
  const { lists, gets } = requests;
  // A listing is billed as a PUT is.
  const usd = lists * PRICES.s3Put.usd + gets * PRICES.s3Get.usd;
  return { ...found, lists, gets, usd, seconds: (performance.now() - startedAt) / 1000 };
}
