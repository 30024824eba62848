import type { ListedVersion } from '../ports/object-store.ts';

/** The version of an object that counts, and how many others stand beside it. */
export type EnvelopeVersion = { versionId: string; strays: number };
/** An envelope of a value, of which there may be several. */
export type ListedEnvelope = EnvelopeVersion & { key: string; lastModified: Date; sizeBytes: number };

/**
 * Larger than any envelope: a source holds values of 64 KiB at most, and what stands around one takes some hundred bytes. Twice that
 * leaves room; what is larger was not made here, and is not read.
 */
export const MOST_ENVELOPE_BYTES = 131_072;

/**
 * The first version counts, as with manifests: an envelope is written once, so whatever came later, a delete marker included, was
 * not written by escrow. A stray hides nothing; it is told.
 * @param listed all versions under the envelope's key, in S3's order: of one key the newest first
 */
export const selectEnvelopeVersion = (
  listed: readonly ListedVersion[],
  envelopeKey: string,
): (EnvelopeVersion & { sizeBytes: number }) | undefined => {
  const first = selectFirst(listed, envelopeKey);
  return first && { versionId: first.versionId, strays: first.strays, sizeBytes: first.sizeBytes };
};

function selectFirst(listed: readonly ListedVersion[], key: string): ListedEnvelope | undefined {
  const ofKey = listed.filter((version) => version.key === key);
  const first = ofKey
    .filter((version) => !version.isDeleteMarker)
    // Two versions of one second are told apart by S3's order alone.
    .reduce<ListedVersion | undefined>((oldest, next) => (oldest && oldest.lastModified < next.lastModified ? oldest : next), undefined);
  if (!first) return undefined;
  return { key, versionId: first.versionId, strays: ofKey.length - 1, lastModified: first.lastModified, sizeBytes: first.sizeBytes };
}

/**
 * The envelopes of a value in the order in which they are tried, the newest first: what was made again was made because an earlier
 * one is no good.
 * @param prefix of the value
 * @param firstTried version that is tried before all others
 */
export function selectEnvelopes(listed: readonly ListedVersion[], prefix: string, firstTried?: string): ListedEnvelope[] {
  const keys = new Set(listed.map(({ key }) => key).filter((key) => /^envelope(-[^/]+)?$/.test(key.slice(prefix.length))));
  const found = [...keys].flatMap((key) => selectFirst(listed, key) ?? []);
  // Of one second the one with the longer name: it was made again.
  const inTurn = found.toSorted((a, b) => b.lastModified.getTime() - a.lastModified.getTime() || (a.key < b.key ? 1 : -1));
  return [...inTurn.filter(({ versionId }) => versionId === firstTried), ...inTurn.filter(({ versionId }) => versionId !== firstTried)];
}
