import type { Fact, ReplicatedFact } from '../vault/facts.ts';
import type { Manifest, StoredObject } from '../vault/manifest.ts';

/**
 * A point's objects as they stand in the vault, or in the replica, whose versions only the replicated fact names. Undefined when the
 * replica's fact is missing or does not name every object.
 */
export function placeObjects(manifest: Manifest, facts: readonly Fact[], from: 'vault' | 'replica'): StoredObject[] | undefined {
  if (from === 'vault') return manifest.objects;
  const copies = new Map(
    facts
      .filter((fact): fact is ReplicatedFact => fact.kind === 'replicated')
      .sort((a, b) => a.at.localeCompare(b.at))
      .flatMap((fact) => fact.objects.map((object) => [object.key, object.versionId])),
  );
  const placed = manifest.objects.flatMap((object) => {
    const versionId = copies.get(object.key);
    return versionId === undefined ? [] : [{ ...object, versionId }];
  });
  return placed.length === manifest.objects.length ? placed : undefined;
}
