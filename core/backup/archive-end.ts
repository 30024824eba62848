/** Whether an archive has its beginning and its end: a stream that was cut still looks like a dump to everything that only copies it. */

const HEAD_BYTES = 1024;
/** The end marker, the `\unrestrict` line and the empty lines around them take about 150 bytes. */
const TAIL_BYTES = 1024;
const END_MARKER = '\n--\n-- PostgreSQL database dump complete\n--\n';

/** Watches the bytes of an archive go by. Keeps no more than its first and last kilobyte. */
export type EndWatcher = {
  add(chunk: Uint8Array): void;
  /** What is missing of a whole archive, or undefined. */
  missing(): string | undefined;
};

/**
 * A plain dump ends with its end marker. Since the minors of August 2025 it begins with `\restrict <token>`, and then the marker is
 * followed by `\unrestrict` with the same token.
 */
export function watchPlain(): EndWatcher {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    add(chunk) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      tail =
        chunk.length >= TAIL_BYTES
          ? Buffer.from(chunk.subarray(chunk.length - TAIL_BYTES))
          : Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
    },
    missing() {
      const text = tail.toString('latin1');
      const at = text.lastIndexOf(END_MARKER);
      if (at === -1) return 'the end marker';
      const token = /^\\restrict (\S+)$/m.exec(head.toString('latin1'))?.[1];
      const after = text.slice(at + END_MARKER.length).trim();
      if (token === undefined) return after === '' ? undefined : 'the end: text follows the end marker';
      return after === String.raw`\unrestrict ${token}` ? undefined : String.raw`the \unrestrict line after the end marker`;
    },
  };
}
