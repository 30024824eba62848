/** How an object is cut into parts, and what is left of it into batches. Pure; sizes in bytes, part numbers from 1. */
import type { CopyPart } from '../backup/contract.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** S3 takes no more parts of one object. */
export const MAX_PARTS = 10_000;

export type CopySizes = {
  /** Bytes of one part; more where an object would have too many. At most 5 GiB. */
  partBytes: number;
  /** Bytes of one batch, which is one call of a function; more where there would be too many. */
  batchBytes: number;
  /** Batches of one point: the list of them is a state's payload, which may have 256 KiB. */
  maxBatches: number;
};

/**
 * A part of 256 MiB is seconds of copying within S3, and a batch copies several at once: 4 GiB take well under a minute at the
 * slowest rates seen between distant regions, of the 15 that a function has.
 */
export const COPY_SIZES: CopySizes = { partBytes: 256 * MIB, batchBytes: 4 * GIB, maxBatches: 320 };

/** Bytes of each part of an object but the last. A function of its size alone, so that a later run cuts it in the same way. */
export const partBytesFor = (sizeBytes: number, sizes: CopySizes): number =>
  Math.max(sizes.partBytes, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);

/** Whether an object is one part, and so copied whole. */
export const isCopiedWhole = (sizeBytes: number, sizes: CopySizes): boolean => sizeBytes <= partBytesFor(sizeBytes, sizes);

export const partCount = (sizeBytes: number, partBytes: number): number => Math.ceil(sizeBytes / partBytes);

/** First and last byte of a part, both included. */
export const partRange = (partNumber: number, { sizeBytes, partBytes }: { sizeBytes: number; partBytes: number }) => ({
  firstByte: (partNumber - 1) * partBytes,
  lastByte: Math.min(partNumber * partBytes, sizeBytes) - 1,
});

export type PendingObject = {
  key: string;
  versionId: string;
  sizeBytes: number;
  /** Absent when it is copied whole. */
  uploadId?: string | undefined;
  /** Numbers of the parts that the upload has already. */
  copiedParts: ReadonlySet<number>;
};

/**
 * Batches that together copy every missing part of every object. Each lies in a cell of a fixed grid, from the first part that is
 * missing there to the last: there are never more batches than cells, however an earlier run was torn, at the price of copying a few
 * parts again, which does no harm.
 */
export function planBatches(objects: readonly PendingObject[], sizes: CopySizes): CopyPart[] {
  const bytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  // The last cell of each object may not be full.
  const fullCells = Math.max(1, sizes.maxBatches - objects.length);
  const cellBytes = Math.max(sizes.batchBytes, Math.ceil(bytes / fullCells));
  return objects.flatMap((object) => batchesOf(object, cellBytes, sizes));
}

function batchesOf({ key, versionId, sizeBytes, uploadId, copiedParts }: PendingObject, cellBytes: number, sizes: CopySizes): CopyPart[] {
  const partBytes = partBytesFor(sizeBytes, sizes);
  const named = { key, versionId, sizeBytes, partBytes };
  if (uploadId === undefined) return [{ ...named, firstPart: 1, lastPart: 1 }];
  const count = partCount(sizeBytes, partBytes);
  const cellParts = Math.max(1, Math.ceil(cellBytes / partBytes));
  const batches: CopyPart[] = [];
  for (let first = 1; first <= count; first += cellParts) {
    const cell = Array.from({ length: Math.min(cellParts, count - first + 1) }, (_, i) => first + i);
    const missing = cell.filter((part) => !copiedParts.has(part));
    const [firstPart] = missing;
    const lastPart = missing.at(-1);
    if (firstPart !== undefined && lastPart !== undefined) batches.push({ ...named, uploadId, firstPart, lastPart });
  }
  return batches;
}
