/**
 * Counts the rows of a segment and watches for its end. Every row is a line, and no row contains a line feed or is `\.`: COPY writes
 * both with a backslash before them.
 */
import { END_OF_ROWS } from '../backup/segment-sql.ts';

const LINES_OF_END = 3;
const MARKER_LINE = Buffer.from('\n\\.\n');
const NEWLINE = 0x0a;
/** As many as may be needed of the bytes before to see the marker across two chunks, and the end of all. */
const KEPT_BYTES = 8;

export type SegmentScan = {
  add(chunk: Uint8Array): void;
  /** `missing` is what is missing of a whole segment. */
  end(): { rows: number; bytes: number; missing: string | undefined };
};

export function scanSegment(): SegmentScan {
  let lines = 0;
  let bytes = 0;
  /** Where the first line begins that says that the rows are over. */
  let markerAt: number | undefined;
  // The first line has no line feed before it.
  let kept = Buffer.from([NEWLINE]);

  const findMarker = (where: Uint8Array, offset: number) => {
    const found = Buffer.from(where.buffer, where.byteOffset, where.byteLength).indexOf(MARKER_LINE);
    if (found !== -1) markerAt = Math.min(markerAt ?? Infinity, offset + found + 1);
  };

  return {
    add(chunk) {
      const seam = Buffer.concat([kept, chunk.subarray(0, KEPT_BYTES)]);
      findMarker(seam, bytes - kept.length);
      if (markerAt === undefined) findMarker(chunk, bytes);
      kept = chunk.length >= KEPT_BYTES ? Buffer.from(chunk.subarray(-KEPT_BYTES)) : seam.subarray(-KEPT_BYTES);
      lines += countLines(chunk);
      bytes += chunk.length;
    },
    end() {
      const endsWell = kept.toString('latin1').endsWith(END_OF_ROWS);
      const missing = !endsWell
        ? 'the end marker is missing'
        : markerAt !== bytes - END_OF_ROWS.length
          ? 'rows follow an end marker'
          : undefined;
      return { rows: lines - LINES_OF_END, bytes, missing };
    },
  };
}

/** Four bytes at a time: a search from one line feed to the next costs ten times as much where rows are short. */
function countLines(chunk: Uint8Array): number {
  let lines = 0;
  let at = 0;
  const before = -chunk.byteOffset & 3;
  for (; at < before && at < chunk.length; at++) if (chunk[at] === NEWLINE) lines += 1;
  // A few bytes may end before the first address that words can begin at.
  const words = at < before ? new Int32Array() : new Int32Array(chunk.buffer, chunk.byteOffset + at, (chunk.length - at) >> 2);
  for (let word = 0; word < words.length;) {
    // Each byte of the sum counts one place of the words, and holds no more than 255.
    const stop = Math.min(words.length, word + 255);
    let sum = 0;
    for (; word < stop; word++) {
      const differing = (words[word] ?? 0) ^ 0x0a_0a_0a_0a;
      // The top bit of each byte that is zero, which is where a line feed was.
      const same = ~(((differing & 0x7f_7f_7f_7f) + 0x7f_7f_7f_7f) | differing | 0x7f_7f_7f_7f);
      sum = (sum + (same >>> 7)) | 0;
    }
    lines += (sum & 255) + ((sum >>> 8) & 255) + ((sum >>> 16) & 255) + (sum >>> 24);
  }
  for (at += words.length * 4; at < chunk.length; at++) if (chunk[at] === NEWLINE) lines += 1;
  return lines;
}
