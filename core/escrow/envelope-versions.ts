import type { ListedVersion } from '../ports/object-store.ts';

/** The version of an envelope that counts, and how many others stand beside it. */
export type EnvelopeVersion = { versionId: string; strays: number };

/**
 * The first version counts, as with manifests: an envelope is written once, so whatever came later, a delete marker included, was
 * not written by escrow. A stray hides nothing; it is told.
 * @param listed all versions under the envelope's key, in S3's order: of one key the newest first
 */
export function selectEnvelopeVersion(listed: readonly ListedVersion[], envelopeKey: string): EnvelopeVersion | undefined {
  const ofKey = listed.filter((version) => version.key === envelopeKey);
  const first = ofKey
    .filter((version) => !version.isDeleteMarker)
    // Two versions of one second are told apart by S3's order alone.
    .reduce<ListedVersion | undefined>((oldest, next) => (oldest && oldest.lastModified < next.lastModified ? oldest : next), undefined);
  return first && { versionId: first.versionId, strays: ofKey.length - 1 };
}
