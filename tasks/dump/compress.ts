/** Compression of a plain dump, as a stream that passes on the error of its source. */
import { pipeline, Readable } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from '../../core/backup/dump-arguments.ts';

/** Fewer turns through the thread pool than with Node's 16 KiB. */
const OUTPUT_CHUNK_BYTES = 256 * 1024;

export function compress(chunks: AsyncIterable<Uint8Array>, { method, level }: Compression): AsyncIterable<Buffer> {
  const stream =
    method === 'zstd'
      ? createZstdCompress({
          chunkSize: OUTPUT_CHUNK_BYTES,
          // The frame's own checksum lets `zstd -d` find damage without Holdfast.
          params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
        })
      : createGzip({ level, chunkSize: OUTPUT_CHUNK_BYTES });
  // An error of the source destroys the compressor with it, and so ends whoever reads.
  pipeline(Readable.from(chunks, { objectMode: false, highWaterMark: OUTPUT_CHUNK_BYTES }), stream, () => undefined);
  return stream;
}
