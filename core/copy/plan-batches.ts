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
  /** Objects of one batch: a small one takes its turn like a large one. */
  batchObjects: number;
  /** Batches of one point: the list of them is a state's payload, which may have 256 KiB. */
  maxBatches: number;
};

/**
 * A part of 256 MiB is seconds of copying within S3, and a batch copies several at once: 4 GiB take well under a minute at the
 * slowest rates seen between distant regions, of the 15 that a function has.
 */
export const COPY_SIZES: CopySizes = { partBytes: 256 * MIB, batchBytes: 4 * GIB, batchObjects: 500, maxBatches: 320 };

/** Bytes of each part of an object but the last. A function of its size alone, so that a later run cuts it in the same way. */
export const partBytesFor = (sizeBytes: number, sizes: CopySizes): number =>
  Math.max(sizes.partBytes, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);

/** Whether an object is more than one batch, which then are parts of it. Smaller ones share batches, however many parts they have. */
export const isCopiedInBatches = (sizeBytes: number, sizes: CopySizes): boolean => sizeBytes > sizes.batchBytes;

/** Whether an object is one part, and so copied whole. */
export const isCopiedWhole = (sizeBytes: number, sizes: CopySizes): boolean => sizeBytes <= partBytesFor(sizeBytes, sizes);

export const partCount = (sizeBytes: number, partBytes: number): number => Math.ceil(sizeBytes / partBytes);

/** First and last byte of a part, both included. */
export const partRange = (partNumber: number, { sizeBytes, partBytes }: { sizeBytes: number; partBytes: number }) => ({
  firstByte: (partNumber - 1) * partBytes,
  lastByte: Math.min(partNumber * partBytes, sizeBytes) - 1,
});

export type PendingObject = {
  /** Its place in the manifest's list, from 0. */
  index: number;
  key: string;
  versionId: string;
  sizeBytes: number;
  /** Of an object that is more than one batch. */
  uploadId?: string | undefined;
  /** Numbers of the parts that the upload has already. */
  copiedParts: ReadonlySet<number>;
};
type PendingUpload = PendingObject & { uploadId: string };

/** First and last place of objects that stand side by side in the manifest's list. */
export type PlaceRange = [first: number, last: number];
export type Batches = { parts: CopyPart[]; objects: PlaceRange[][] };

/** Batches that together copy every missing part of every object, in the order of the list. */
export function planBatches(objects: readonly PendingObject[], sizes: CopySizes): Batches {
  const uploads = objects.filter((object): object is PendingUpload => object.uploadId !== undefined);
  const others = objects.filter(({ uploadId }) => uploadId === undefined);
  const bytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  // The last cell of each object may not be full; two batches of other objects that follow one another hold more than a cell.
  const partlyFull = uploads.length + Math.ceil(others.length / sizes.batchObjects) + 1;
  const fullCells = Math.max(1, Math.floor((sizes.maxBatches - partlyFull) / (others.length > 0 ? 2 : 1)));
  const batchBytes = Math.max(sizes.batchBytes, Math.ceil(bytes / fullCells));
  return {
    parts: uploads.flatMap((object) => batchesOf(object, batchBytes, sizes)),
    objects: groupObjects(others, batchBytes, sizes.batchObjects),
  };
}

/**
 * The batches of one object. Each lies in a cell of a fixed grid, from the first part that is missing there to the last: there are
 * never more batches than cells, however an earlier run was torn; what is there already between the two, the copy of a batch passes over.
 */
function batchesOf({ key, versionId, sizeBytes, uploadId, copiedParts }: PendingUpload, cellBytes: number, sizes: CopySizes): CopyPart[] {
  const partBytes = partBytesFor(sizeBytes, sizes);
  const named = { key, versionId, sizeBytes, partBytes };
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

function groupObjects(objects: readonly PendingObject[], batchBytes: number, batchObjects: number): PlaceRange[][] {
  const batches: PlaceRange[][] = [];
  let batch: PlaceRange[] = [];
  let bytes = 0;
  let count = 0;
  for (const { index, sizeBytes } of objects) {
    if (count === batchObjects || (count > 0 && bytes + sizeBytes > batchBytes)) {
      batches.push(batch);
      [batch, bytes, count] = [[], 0, 0];
    }
    const last = batch.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else batch.push([index, index]);
    bytes += sizeBytes;
    count += 1;
  }
  if (count > 0) batches.push(batch);
  return batches;
}
