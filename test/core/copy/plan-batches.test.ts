import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUploadWhole, reusableParts } from '../../../core/copy/decide-resume.ts';
import {
  COPY_SIZES,
  MAX_PARTS,
  isCopiedInBatches,
  partBytesFor,
  partCount,
  partRange,
  planBatches,
  type PendingObject,
} from '../../../core/copy/plan-batches.ts';

const GIB = 1024 ** 3;
const TIB = 1024 * GIB;
/** As long as S3's may be: state payloads must hold them. */
const VERSION_ID = 'v'.repeat(32);
const UPLOAD_ID = 'u'.repeat(128);
const keyOf = (n: number) =>
  `data/${'s'.repeat(16)}/${'a'.repeat(20)}/2026/11/20/20261120T020000Z-m123456/0001-1/dump-${String(n).padStart(4, '0')}`;
/** A point's dump as it is stored: objects of 64 GiB. */
const pointOf = (bytes: number) =>
  Array.from({ length: Math.ceil(bytes / (64 * GIB)) }, (_, n) => ({
    index: n,
    key: keyOf(n),
    versionId: VERSION_ID,
    uploadId: UPLOAD_ID,
    sizeBytes: Math.min(64 * GIB, bytes - n * 64 * GIB),
    copiedParts: new Set<number>(),
  }));

const object = fc.record({
  sizeBytes: fc.integer({ min: 1, max: 2_000_000 }),
  copied: fc.uniqueArray(fc.integer({ min: 1, max: 2000 })),
});

describe('planBatches', () => {
  it('covers every part that is missing once, and none outside of the gaps', () => {
    const sizes = { partBytes: 1000, batchBytes: 7000, batchObjects: 3, maxBatches: 50 };
    fc.assert(
      fc.property(fc.array(object, { maxLength: 12 }), (objects) => {
        const pending = objects.map(({ sizeBytes, copied }, n): PendingObject => {
          const isShared = !isCopiedInBatches(sizeBytes, sizes);
          return {
            index: n,
            key: keyOf(n),
            versionId: 'v',
            sizeBytes,
            copiedParts: new Set(isShared ? [] : copied),
            ...(isShared ? {} : { uploadId: `u${n}` }),
          };
        });
        const { parts: batches, objects: shared } = planBatches(pending, sizes);
        expect(batches.length + shared.length).toBeLessThanOrEqual(sizes.maxBatches);
        const places = shared.map((ranges) =>
          ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
        );
        expect(places.flat()).toEqual(pending.filter(({ uploadId }) => uploadId === undefined).map(({ index }) => index));
        expect(Math.max(0, ...places.map((batch) => batch.length))).toBeLessThanOrEqual(sizes.batchObjects);
        for (const { key, sizeBytes, copiedParts, uploadId } of pending) {
          const mine = batches.filter((batch) => batch.key === key);
          if (uploadId === undefined) {
            expect(mine).toEqual([]);
            continue;
          }
          const partBytes = partBytesFor(sizeBytes, sizes);
          const copied = mine.flatMap((batch) =>
            Array.from({ length: batch.lastPart - batch.firstPart + 1 }, (_, i) => batch.firstPart + i),
          );
          const missing = Array.from({ length: partCount(sizeBytes, partBytes) }, (_, i) => i + 1).filter((part) => !copiedParts.has(part));
          expect(new Set(copied).size).toBe(copied.length);
          expect(copied.filter((part) => !copiedParts.has(part))).toEqual(missing);
          // Nothing is copied again but between two gaps of one batch.
          for (const { firstPart, lastPart } of mine)
            expect([copiedParts.has(firstPart), copiedParts.has(lastPart)]).toEqual([false, false]);
          expect(mine.every((batch) => batch.uploadId === uploadId && batch.partBytes === partBytes)).toBe(true);
        }
      }),
    );
  });

  it('cuts an object into parts that join without gap or overlap, and not too many', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger().map((n) => (Math.abs(n) % (5 * TIB)) + 1),
        (sizeBytes) => {
          const partBytes = partBytesFor(sizeBytes, COPY_SIZES);
          const count = partCount(sizeBytes, partBytes);
          expect(count).toBeLessThanOrEqual(MAX_PARTS);
          expect(partBytes).toBeLessThanOrEqual(5 * GIB);
          expect(partRange(1, { sizeBytes, partBytes }).firstByte).toBe(0);
          expect(partRange(count, { sizeBytes, partBytes }).lastByte).toBe(sizeBytes - 1);
          const middle = Math.ceil(count / 2);
          if (count > 1)
            expect(partRange(middle + 1, { sizeBytes, partBytes }).firstByte).toBe(
              partRange(middle, { sizeBytes, partBytes }).lastByte + 1 || 0,
            );
        },
      ),
    );
  });

  it.each([64 * GIB, 1 * TIB, 2 * TIB, 10 * TIB])('of %i bytes is a payload below 200 KiB', (bytes) => {
    const { parts: batches } = planBatches(pointOf(bytes), COPY_SIZES);
    expect(Buffer.byteLength(JSON.stringify({ batches }))).toBeLessThan(200 * 1024);
    // What one function copies, at 8 parts at once and 25 MiB/s each: it has 15 minutes.
    const longest = Math.max(...batches.map((batch) => (batch.lastPart - batch.firstPart + 1) * batch.partBytes));
    expect(longest / (8 * 25 * 1024 ** 2)).toBeLessThan(bytes > TIB ? 400 : 30);
  });

  it('of a terabyte interrupted at every other part is a payload below 200 KiB still', () => {
    const every = (step: number) => new Set(Array.from({ length: 256 }, (_, i) => i + 1).filter((part) => part % step === 0));
    const { parts: batches } = planBatches(
      pointOf(TIB).map((one) => ({ ...one, copiedParts: every(2) })),
      COPY_SIZES,
    );
    expect(Buffer.byteLength(JSON.stringify({ batches }))).toBeLessThan(200 * 1024);
  });
});

describe('a point of thousands of objects', () => {
  /** As `plan-copy` answers it. */
  const payloadOf = ({ parts, objects: shared }: ReturnType<typeof planBatches>) =>
    Buffer.byteLength(
      JSON.stringify({
        batches: [
          ...parts,
          ...shared.map((objects) => ({ system: 's'.repeat(16), asset: 'a'.repeat(20), point: '20261120T020000Z-m123456', objects })),
        ],
      }),
    );
  const segments = (count: number, sizeBytes: number) =>
    Array.from({ length: count }, (_, index) => ({
      index,
      key: keyOf(index),
      versionId: VERSION_ID,
      sizeBytes,
      copiedParts: new Set<number>(),
    }));

  it.each([
    ['5,000 tiny objects', segments(5000, 2000), 10],
    ['5,000 segments of 64 MiB', segments(5000, 64 * 1024 ** 2), 79],
    ['5,000 segments of 256 MiB', segments(5000, 256 * 1024 ** 2), 320],
    ['4,000 segments of 2 GiB', segments(4000, 2 * GIB), 320],
    ['60,000 segments of 256 MiB', segments(60_000, 256 * 1024 ** 2), 320],
    ['5,000 segments after 20 parts of a large rest', [...pointOf(20 * 64 * GIB), ...segments(5000, 64 * 1024 ** 2)], 320],
    ['5,000 objects of which every other one is there', segments(10_000, 64 * 1024 ** 2).filter(({ index }) => index % 2 === 0), 79],
  ])('of %s is a payload below 200 KiB', (_, objects, mostBatches) => {
    const batches = planBatches(objects, COPY_SIZES);
    expect(batches.parts.length + batches.objects.length).toBeLessThanOrEqual(mostBatches);
    expect(payloadOf(batches)).toBeLessThan(200 * 1024);
  });
});

describe('an unfinished upload', () => {
  const cut = { sizeBytes: 2500, partBytes: 1000 };
  const part = (partNumber: number, sizeBytes: number) => ({ partNumber, sizeBytes, etag: 'e' });
  it.each([
    ['nothing yet', [], [], false],
    ['some', [part(2, 1000)], [2], false],
    ['all', [part(1, 1000), part(2, 1000), part(3, 500)], [1, 2, 3], true],
    ['a part of another size', [part(1, 999)], undefined, false],
    ['a last part that is too long', [part(3, 1000)], undefined, false],
    ['a part too many', [part(1, 1000), part(2, 1000), part(3, 500), part(4, 1)], undefined, false],
  ])('with %s', (_, parts, reusable, isWhole) => {
    expect(reusableParts(parts, cut)).toEqual(reusable && new Set(reusable));
    expect(isUploadWhole(parts, cut)).toBe(isWhole);
  });
});
