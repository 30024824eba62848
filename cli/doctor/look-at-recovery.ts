import { judgeRecovery } from '../../core/doctor/judge-recovery.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { MeasuredRestore } from '../../core/report/measured-restores.ts';
import { replacesDatabase } from '../../core/restore/target.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { restoredBytes } from '../../core/vault/restored-bytes.ts';
import { readDrills } from '../evidence/read-drills.ts';
import { joinDrills, readOtherRegion } from '../evidence/read-other-region.ts';
import { readRestores } from '../evidence/read-restores.ts';
import { openPoints } from '../points.ts';
import type { Context } from '../verb.ts';
import { look, type Part } from './look.ts';

/** Of each database, what its drills measured and what there is to restore today. A vault without a verified point has nothing to tell. */
export async function lookAtRecovery(context: Context, assets: readonly PostgresAsset[]): Promise<Part[]> {
  const plan = context.plan();
  const now = context.frame.now();
  const vault = await openPoints(context, 'vault');
  const region = { plan, connection: await context.connect(), environment: context.frame.environment, from: 'vault' as const };
  const other = await readOtherRegion(region, async (reader) => Object.fromEntries(await readDrills(reader, plan, now)));
  const seen = `by its drills and its newest point${other.found ? '' : `. ${other.note}`}`;
  const parts: Part[] = [];
  for (const asset of assets)
    parts.push(
      await look(`recovery of ${asset.id}`, seen, () =>
        vault.reading(async () => {
          const own = Object.fromEntries(await readDrills(vault.reader, plan, now));
          const drills = joinDrills(own, other.found, 'newest first')[asset.id] ?? [];
          const newest = (await vault.catalog(asset.id)).points.find(({ kinds }) => kinds.has('verified') && !kinds.has('tombstone'));
          const records = newest && (await vault.records(asset.id, newest.point));
          const rows = records?.facts.findLast((fact) => fact.kind === 'verified')?.rows ?? [];
          const quiesce =
            asset.restore?.quiesce === undefined ? undefined : newestQuiesce(asset.id, await readRestores(vault.reader, plan, now));
          return judgeRecovery(plan, asset, { drills, newest: records && { ...newestPoint(records.manifest), rows }, quiesce });
        }),
      ),
    );
  return parts;
}

const newestPoint = (manifest: Manifest) => ({
  point: manifest.point,
  restoredBytes: restoredBytes(manifest),
  databaseBytes: manifest.source.sizeBytes,
  backupSeconds: (Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)) / 1000,
});

/** Newest first, they come. */
function newestQuiesce(asset: string, restores: readonly MeasuredRestore[]): { run: string; seconds: number } | undefined {
  const found = restores.find((one) => one.asset === asset && replacesDatabase(one.target) && one.times.quiesceSeconds !== undefined);
  return found && { run: found.run, seconds: found.times.quiesceSeconds ?? 0 };
}
