import { END_OF_ROWS } from '../backup/segment-sql.ts';

const MARKER = Buffer.from(END_OF_ROWS, 'latin1');

/** The rows of an archive's table do not end with their end marker. */
export class EndMarkerMissing extends Error {}

/** Rows without the end marker behind them, which every table's data in an archive has. Throws EndMarkerMissing. */
export async function* withoutEndMarker(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    if (chunk.length >= MARKER.length) {
      if (last.length > 0) yield last;
      last = chunk;
    } else last = Buffer.concat([last, chunk]);
  }
  const end = last.length - MARKER.length;
  if (end < 0 || !MARKER.equals(last.subarray(end))) throw new EndMarkerMissing('no end marker behind the rows');
  if (end > 0) yield last.subarray(0, end);
}
