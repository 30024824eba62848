/** What a copy of 1 TiB is made of, from the planner itself; no function of it comes near five minutes. */
import { describe, expect, it } from 'vitest';
import {
  COPY_SIZES,
  isCopiedInBatches,
  partBytesFor,
  partCount,
  planBatches,
  type PendingObject,
} from '../../../core/copy/plan-batches.ts';
import { PRICES } from '../../../core/prices/price-table.ts';

const [MIB, GIB, TIB] = [1024 ** 2, 1024 ** 3, 1024 ** 4];
/** MiB of one UploadPartCopy between regions, by the second: a tenth of what is usual between distant ones. */
const SLOW_MIB = 5;
/** As functions/copy/copy-parts.ts has them. */
const [PARTS_AT_ONCE, OBJECTS_AT_ONCE] = [8, 16];
/** As functions/copy/complete-copy.ts has them. */
const COMPLETED_AT_ONCE = 48;
/** Copies of batches beside each other, as the backup machine has them. */
const BATCHES_AT_ONCE = 16;
/** Of every request that is not the copy of a part. */
const REQUEST_SECONDS = 0.15;
const LONGEST_FUNCTION_SECONDS = 300;
const FUNCTION_GB = 0.5;

/** A point as it is stored: `sizeBytes` in objects of at most `objectBytes`. */
const pointOf = (sizeBytes: number, objectBytes: number): PendingObject[] =>
  Array.from({ length: Math.ceil(sizeBytes / objectBytes) }, (_, index) => {
    const bytes = Math.min(objectBytes, sizeBytes - index * objectBytes);
    return {
      index,
      key: `data/sys/db/${index}`,
      versionId: 'v',
      sizeBytes: bytes,
      uploadId: isCopiedInBatches(bytes, COPY_SIZES) ? 'u' : undefined,
      copiedParts: new Set<number>(),
    };
  });

function simulate(objects: readonly PendingObject[], bytesPerSecond: number) {
  const batches = planBatches(objects, COPY_SIZES);
  const partsOf = ({ sizeBytes }: PendingObject) => partCount(sizeBytes, partBytesFor(sizeBytes, COPY_SIZES));
  const partSeconds = COPY_SIZES.partBytes / bytesPerSecond;
  const seconds = [
    ...batches.parts.map(({ firstPart, lastPart, partBytes }) => {
      const rounds = Math.ceil((lastPart - firstPart + 1) / PARTS_AT_ONCE);
      return REQUEST_SECONDS + (rounds * partBytes) / bytesPerSecond;
    }),
    ...batches.objects.map((ranges) => {
      const batch = ranges.flatMap(([first, last]) => objects.slice(first, last + 1));
      // Each object takes its turn; one of many parts copies eight of them at once.
      const work = batch.map(
        (object) =>
          REQUEST_SECONDS * 2 + Math.ceil(partsOf(object) / PARTS_AT_ONCE) * Math.min(partSeconds, object.sizeBytes / bytesPerSecond),
      );
      return Math.max(...work, work.reduce((sum, one) => sum + one, 0) / OBJECTS_AT_ONCE);
    }),
  ];
  const parts = objects.reduce((sum, object) => sum + partsOf(object), 0);
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const busy = seconds.reduce((sum, one) => sum + one, 0);
  // Planned, completed: the head of each object, its lock asked and set, and all of it read back.
  const others = {
    plan: (objects.length * REQUEST_SECONDS) / OBJECTS_AT_ONCE,
    complete: (objects.length * 6 * REQUEST_SECONDS) / COMPLETED_AT_ONCE,
  };
  const invocations = seconds.length + 3;
  const requestsUsd = (parts + objects.length * 3) * PRICES.s3Put.usd + objects.length * 6 * PRICES.s3Get.usd;
  const lambdaUsd =
    (busy + others.plan + others.complete) * FUNCTION_GB * PRICES.lambdaGbSecond.usd + invocations * PRICES.lambdaRequest.usd;
  const transferUsd = (bytes / 1e9) * PRICES.regionTransferGb.usd;
  return {
    parts,
    batches: seconds.length,
    invocations,
    longest: Math.max(...seconds, others.plan, others.complete),
    wall: Math.max(busy / BATCHES_AT_ONCE, ...seconds),
    requestsUsd,
    lambdaUsd,
    transferUsd,
  };
}

describe('a copy of 1 TiB to the second region', () => {
  it.each<[string, number, number, number]>([
    ['one dump in objects of 64 GiB', TIB, 64 * GIB, SLOW_MIB],
    ['a segmented point, objects of 1 GiB', TIB, GIB, SLOW_MIB],
    ['a segmented point, objects of 128 MiB', TIB, 128 * MIB, SLOW_MIB],
    ['ten times as much, objects of 64 GiB', 10 * TIB, 64 * GIB, 2 * SLOW_MIB],
  ])('%s', (what, sizeBytes, objectBytes, mibPerSecond) => {
    const objects = pointOf(sizeBytes, objectBytes);
    const s = simulate(objects, mibPerSecond * MIB);
    console.log(
      `${what}: ${objects.length} objects, ${s.parts} parts, ${s.batches} batches, ${s.invocations} invocations, longest ${Math.ceil(s.longest)} s at ${mibPerSecond} MiB/s a part, ` +
        `${Math.ceil(s.wall / 60)} min in all; requests $${s.requestsUsd.toFixed(2)}, functions $${s.lambdaUsd.toFixed(2)}, transfer $${s.transferUsd.toFixed(2)}`,
    );
    expect(s.batches).toBeLessThanOrEqual(COPY_SIZES.maxBatches);
    // What is larger has the fifteen minutes of Lambda: the list of batches is a payload, which cannot grow.
    expect(s.longest).toBeLessThan(sizeBytes > TIB ? 3 * LONGEST_FUNCTION_SECONDS : LONGEST_FUNCTION_SECONDS);
  });
});
