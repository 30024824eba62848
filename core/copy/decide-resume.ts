/** What an unfinished upload of an earlier run is worth. Pure. */
import type { UploadedPart } from '../ports/object-copier.ts';
import { partCount, partRange } from './plan-batches.ts';

export type CutObject = { sizeBytes: number; partBytes: number };

/**
 * Numbers of the parts that can stay as they are. Undefined when the upload was cut in another way, and so is of no use: a part of
 * another size, or a part more than there are.
 */
export function reusableParts(parts: readonly UploadedPart[], object: CutObject): Set<number> | undefined {
  const count = partCount(object.sizeBytes, object.partBytes);
  for (const { partNumber, sizeBytes } of parts) {
    const { firstByte, lastByte } = partRange(partNumber, object);
    if (partNumber < 1 || partNumber > count || sizeBytes !== lastByte - firstByte + 1) return undefined;
  }
  return new Set(parts.map((part) => part.partNumber));
}

/** Whether all parts are there, each of its size. */
export const isUploadWhole = (parts: readonly UploadedPart[], object: CutObject): boolean =>
  reusableParts(parts, object)?.size === partCount(object.sizeBytes, object.partBytes);
