import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanSegment } from '../../../core/archive/scan-segment.ts';
import { END_OF_ROWS } from '../../../core/backup/segment-sql.ts';

/** As chunks of these sizes, over and over; each at an address of its own, as they come from a pool. */
function scan(text: string, sizes: readonly number[]) {
  const bytes = Buffer.from(text, 'latin1');
  const scanning = scanSegment();
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const place = Buffer.alloc(size + 7);
    const offset = turn % 7;
    const copied = bytes.copy(place, offset, at, at + size);
    scanning.add(place.subarray(offset, offset + copied));
    at += size;
  }
  return scanning.end();
}

const row = fc
  .string({ unit: fc.constantFrom('a', '\t', '\\\\', '\\N', '.', 'é', '\u008a', '\\.x', 'x\\\\.'), maxLength: 40 })
  .filter((text) => text !== '\\.');
const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });

describe('scanSegment', () => {
  it('counts the rows of a whole segment, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), sizes, (rows, cut) => {
        const text = rows.map((each) => `${each}\n`).join('') + END_OF_ROWS;
        expect(scan(text, cut)).toEqual({ rows: rows.length, bytes: text.length, missing: undefined });
      }),
    );
  });
  it('counts more rows than one sum holds', () => {
    const rows = 300_000;
    expect(scan('\n'.repeat(rows) + END_OF_ROWS, [100_003]).rows).toBe(rows);
  });
  it.each([
    ['nothing at all', '', /end marker is missing/],
    ['rows without an end', 'a\nb\n', /end marker is missing/],
    ['the end without its empty lines', 'a\n\\.\n', /end marker is missing/],
    ['an end that is part of a row', 'a\\.\n\n\n', /rows follow an end marker/],
    ['rows behind an end', `a\n${END_OF_ROWS}b\n${END_OF_ROWS}`, /rows follow an end marker/],
    ['an end at the very beginning, and rows behind it', `\\.\nb\n${END_OF_ROWS}`, /rows follow an end marker/],
    ['something behind the end', `a\n${END_OF_ROWS}b`, /end marker is missing/],
  ])('misses the end of %s', (_, text, told) => {
    for (let size = 1; size < 12; size++) expect(scan(text, [size]).missing, `in chunks of ${size}`).toMatch(told);
  });
});
