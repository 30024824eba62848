import { parseRecordName } from '../../core/evidence/verify/context.ts';
import { readHoldFacts } from '../../core/lock/read-holds.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { postgresAssets } from '../assets.ts';
import type { Vault } from '../points.ts';
import type { EvidenceWish, StoredEvidence } from './read-evidence.ts';

/** Holds and their releases stand beside the points that they are about, signed as evidence is. */
export async function* readHoldRecords(
  vault: Vault,
  plan: ProtectionPlan,
  asset: string | undefined,
  isWanted: NonNullable<EvidenceWish['isWanted']>,
): AsyncIterable<StoredEvidence> {
  for (const { id } of postgresAssets(plan)) {
    if (asset !== undefined && asset !== id) continue;
    const { points } = await vault.catalog(id);
    for (const { point } of points.filter(({ kinds }) => kinds.has('held') || kinds.has('released')))
      for (const { key, versionId } of await readHoldFacts(vault.reader, { system: plan.system, asset: id, point })) {
        const name = parseRecordName(key.split('/').at(-1) ?? '');
        const body = name && isWanted(name) ? (await vault.reader.get({ key, versionId }))?.body : undefined;
        if (body !== undefined) yield { key, body };
      }
  }
}
