import { storedVersions } from '../../adapters/vault/read-records.ts';
import { sha256Of, type NamedRecord } from '../../core/record/link.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { isSignatureKey, manifestKey, pointPrefix } from '../../core/vault/keys.ts';
import { factKind } from '../../core/vault/read-point.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';

type PointName = { system: string; asset: string; point: string };

/** What comes and goes by a decision beside the run, which says for itself that it is signed. */
const OF_OTHERS: readonly (string | undefined)[] = ['held', 'released', 'tombstone'];

/** The facts of a point that its run writes, as they count, which is in their oldest versions, in key order. */
export async function readFacts(vault: ObjectReader, { system, asset, point }: PointName): Promise<NamedRecord[]> {
  const manifest = manifestKey(system, asset, point);
  const stored = await storedVersions(vault, pointPrefix(system, asset, point));
  const oldest = new Map(
    stored
      .filter(({ key }) => key !== manifest && !isSignatureKey(key) && !OF_OTHERS.includes(factKind(key.slice(key.lastIndexOf('/') + 1))))
      .map((version) => [version.key, version]),
  );
  return Promise.all(
    [...oldest.values()].map(async ({ key, versionId }) => {
      const found = await vault.get({ key, versionId });
      if (!found) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`, { cause: new Error('it was listed and cannot be read') });
      return { key, sha256: sha256Of(found.body) };
    }),
  );
}
