import { END_OF_ROWS } from '../backup/segment-sql.ts';

const MARKER = Buffer.from(END_OF_ROWS, 'latin1');

/** The rows of an archive's table do not end with their end marker. */
export class EndMarkerMissing extends Error {}

/** Rows without the end marker behind them, which every table's data in an archive has; no chunk is kept. Throws EndMarkerMissing. */
export async function* withoutEndMarker(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  /** As long as the marker, once there was that much: copies. */
  let tail: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    if (chunk.length < MARKER.length) {
      const both = Buffer.concat([tail, chunk]);
      const cut = Math.max(0, both.length - MARKER.length);
      if (cut > 0) yield both.subarray(0, cut);
      tail = both.subarray(cut);
      continue;
    }
    if (tail.length > 0) yield tail;
    tail = Uint8Array.from(chunk.subarray(-MARKER.length));
    if (chunk.length > MARKER.length) yield chunk.subarray(0, -MARKER.length);
  }
  if (!MARKER.equals(tail)) throw new EndMarkerMissing('no end marker behind the rows');
}
