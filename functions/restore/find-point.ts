import { readManifest } from '../../adapters/vault/read-records.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { choosePoint, type ChosenPoint } from '../../core/restore/choose-point.ts';
import type { ReadRequest } from '../../core/restore/decide-request.ts';
import { explainNone } from '../../core/vault/explain-lost.ts';
import { listAsset, readPoint } from '../../core/vault/read-point.ts';
import type { VaultSide } from '../../core/vault/side.ts';

type Place = { system: string; vault: ObjectReader; from: VaultSide };

/** The point that is wished for. */
export async function findPoint(
  { asset, point: wish }: ReadRequest,
  { system, vault, from }: Place,
): Promise<ChosenPoint | { problems: string[] }> {
  const catalog = await listAsset(vault, system, asset);
  const chosen = await choosePoint(wish, catalog.points, from, {
    records: (point) => readPoint(vault, system, asset, point),
    dataAt: async (point) => (await readManifest(vault, { system, asset, point })).manifest.consistentAt,
  });
  if (!('problem' in chosen)) return chosen;
  const asked = typeof wish === 'object' && 'point' in wish ? wish.point : undefined;
  return { problems: await explainNone(vault, { system, asset, point: asked, side: from, reason: chosen.problem }, catalog) };
}
