import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSegmentBytes, cutTable, pagesToSample, SEGMENT_LIMITS } from '../../../core/backup/choose-segments.ts';

const MIB = 1024 ** 2;
const PAGE = 8192;

describe('the size of a segment', () => {
  it.each([
    ['of nothing', 0, 2, 32 * MIB],
    ['of a small database', 100 * MIB, 2, 32 * MIB],
    ['of 2.4 GB, for two', 2400 * MIB, 2, 75 * MIB],
    ['of 2.4 GB, for sixteen', 2400 * MIB, 16, 32 * MIB],
    ['of 100 GB', 102_400 * MIB, 2, 256 * MIB],
    ['of 10 TB, where it is more than the most so that they are not too many', 10 * 1024 ** 2 * MIB, 2, (10 * 1024 ** 2 * MIB) / 4000],
  ])('%s', (_, total, workers, expected) => expect(chooseSegmentBytes(total, workers)).toBe(Math.ceil(expected)));

  it('never makes more segments than there may be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.integer({ min: 1, max: 16 }), (total, workers) => {
        expect(Math.ceil(total / chooseSegmentBytes(total, workers))).toBeLessThanOrEqual(SEGMENT_LIMITS.mostSegments);
      }),
    );
  });
});

const table = fc
  .record({
    pages: fc.integer({ min: 0, max: 100_000 }),
    outOfLine: fc.integer({ min: 0, max: 2 ** 36 }),
    samples: fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 200 }),
    segmentBytes: fc.integer({ min: PAGE, max: 256 * MIB }),
  })
  .map(({ pages, outOfLine, samples, segmentBytes }) => ({
    table: { pages, bytes: pages * PAGE + outOfLine, pageBytes: PAGE, samples: samples.slice(0, pages) },
    segmentBytes,
  }));

describe('a table that is cut', () => {
  it('has every page in exactly one segment, in order, and the last without an end', () => {
    fc.assert(
      fc.property(table, ({ table: cut, segmentBytes }) => {
        const ranges = cutTable(cut, segmentBytes);
        expect(ranges[0]?.fromPage).toBe(0);
        expect(ranges.at(-1)?.toPage).toBeUndefined();
        const isNext = (index: number) =>
          ranges[index]?.toPage === ranges[index + 1]?.fromPage && (ranges[index]?.toPage ?? 0) > (ranges[index]?.fromPage ?? 0);
        expect(ranges.slice(0, -1).every((_, index) => isNext(index))).toBe(true);
        expect(ranges.at(-1)?.fromPage ?? 0).toBeLessThanOrEqual(Math.max(0, cut.pages - 1));
      }),
    );
  });
  it('is even where its weight is in its pages', () => {
    const ranges = cutTable({ pages: 100_000, bytes: 100_000 * PAGE, pageBytes: PAGE, samples: [] }, 100 * MIB);
    const sizes = ranges.map(({ fromPage, toPage }) => (toPage ?? 100_000) - fromPage);
    expect(ranges).toHaveLength(8);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
  it('is even where its weight is out of line, in the last tenth of it', () => {
    const samples = Array.from({ length: 100 }, (_, part) => (part < 90 ? 0 : 1000));
    const outOfLine = 900 * MIB;
    const pages = 10_000;
    const ranges = cutTable({ pages, bytes: pages * PAGE + outOfLine, pageBytes: PAGE, samples }, 100 * MIB);
    const weights = ranges.map(({ fromPage, toPage = pages }) => {
      const heavy = Math.max(0, toPage - Math.max(fromPage, 9000));
      return (toPage - fromPage) * PAGE + (heavy / 1000) * outOfLine;
    });
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    for (const weight of weights) expect(weight / mean).toBeCloseTo(1, 1);
  });
});

it('samples pages over all of a table, each once', () => {
  expect(pagesToSample(10, 4)).toEqual([1, 3, 6, 8]);
  expect(pagesToSample(3, 200)).toEqual([0, 1, 2]);
  expect(pagesToSample(0, 200)).toEqual([]);
});
