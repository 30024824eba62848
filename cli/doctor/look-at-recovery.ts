import { judgeRecovery } from '../../core/doctor/judge-recovery.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import { summarizePoint } from '../../core/vault/summarize-point.ts';
import { readDrills } from '../evidence/read-drills.ts';
import { openPoints } from '../points.ts';
import type { Context } from '../verb.ts';
import { look, type Part } from './look.ts';

/** Of each database, what its drills measured and what there is to restore today. A vault without a verified point has nothing to tell. */
export async function lookAtRecovery(context: Context, assets: readonly PostgresAsset[]): Promise<Part[]> {
  const plan = context.plan();
  const vault = await openPoints(context, 'vault');
  const parts: Part[] = [];
  for (const asset of assets)
    parts.push(
      await look(`recovery of ${asset.id}`, 'by its drills and its newest point', () =>
        vault.reading(async () => {
          const drills = (await readDrills(vault.reader, plan, context.frame.now())).get(asset.id) ?? [];
          const newest = (await vault.catalog(asset.id)).points.find(({ kinds }) => kinds.has('verified') && !kinds.has('tombstone'));
          const records = newest && (await vault.records(asset.id, newest.point));
          const rows = records?.facts.findLast((fact) => fact.kind === 'verified')?.rows ?? [];
          const sizeBytes = records ? summarizePoint(records.manifest, records.facts).sizeBytes : 0;
          return judgeRecovery(plan, asset, { drills, newest: records && { sizeBytes, rows } });
        }),
      ),
    );
  return parts;
}
