import type { ObjectReader } from '../../core/ports/object-store.ts';
import { decidePoint, noneIsProven, type ReadRequest } from '../../core/restore/decide-request.ts';
import { explainNone } from '../../core/vault/explain-lost.ts';
import { listAsset, readPoint } from '../../core/vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { summarizePoint } from '../../core/vault/summarize-point.ts';

type Place = { system: string; vault: ObjectReader; from: VaultSide };

/** The point that is wished for. For a proof the newest are read until one has it. */
export async function findPoint(
  { asset, point: wish }: ReadRequest,
  { system, vault, from }: Place,
): Promise<{ point: string } | { problems: string[] }> {
  const catalog = await listAsset(vault, system, asset);
  const decided = decidePoint(wish, catalog.points, from);
  if ('point' in decided) return decided;
  for (const candidate of 'candidates' in decided ? decided.candidates : []) {
    const records = await readPoint(vault, system, asset, candidate).catch(passDamaged);
    if (records && summarizePoint(records.manifest, records.facts).provenAt !== undefined) return { point: candidate };
  }
  const reason = 'problem' in decided ? decided.problem : noneIsProven(catalog.points, from);
  const asked = typeof wish === 'object' && 'point' in wish ? wish.point : undefined;
  return { problems: await explainNone(vault, { system, asset, point: asked, side: from, reason }, catalog) };
}

/** What somebody damaged proves nothing, and keeps no older point from it. */
function passDamaged(error: unknown): undefined {
  if (!(error instanceof PointRecordDamaged) && !(error instanceof RecordFormatUnknown)) throw error;
}
