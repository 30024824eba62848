/** Blocks one behind the other, however they are cut into chunks, and what is no block. */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BlocksUndecodable, decompressBlocks } from '../../../core/archive/decompress-blocks.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('decompress blocks');
const randomBytes = (count: number) => Buffer.from(Array.from({ length: count }, () => random.below(256)));
const text = (bytes: number) => Buffer.alloc(bytes, 'some text that repeats\tand is compressed\n');
const skippable = (content: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x18_4d_2a_53, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
};
const zstd = (content: Buffer, params: Record<number, number> = {}) => zstdCompressSync(content, { params });
const withChecksum = { [constants.ZSTD_c_checksumFlag]: 1 };
const withoutSize = { [constants.ZSTD_c_contentSizeFlag]: 0 };

async function* cut(bytes: Buffer, sizeBytes: number) {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}
async function collect(stream: AsyncIterable<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Byte by byte takes a second for each kind of frame. */
const SMALLEST_CHUNKS = process.env['HOLDFAST_SOAK'] === '1' ? [7, 1] : [[7, 1][random.below(2)]!];
const CONTENTS = [
  text(3_000_000),
  Buffer.alloc(300_000, 7),
  randomBytes(70_000),
  Buffer.from('x'),
  Buffer.alloc(0),
  text(200),
  randomBytes(300),
];

describe('decompressBlocks', () => {
  it.each([{}, withChecksum, withoutSize, { ...withChecksum, ...withoutSize }, { [constants.ZSTD_c_compressionLevel]: 19 }])(
    'reads every frame of zstd (%o)',
    async (params) => {
      const stored = Buffer.concat(CONTENTS.map((content) => zstd(content, params)));
      for (const chunkBytes of [stored.length, 65_536, 1000, ...SMALLEST_CHUNKS])
        expect(Buffer.compare(await collect(decompressBlocks(cut(stored, chunkBytes), 'zstd')), Buffer.concat(CONTENTS))).toBe(0);
    },
  );
  it('passes over frames that are to be passed over', async () => {
    const stored = Buffer.concat([skippable(randomBytes(50)), zstd(text(1000)), skippable(Buffer.alloc(0)), zstd(text(41))]);
    for (const chunkBytes of [stored.length, 3])
      expect(Buffer.compare(await collect(decompressBlocks(cut(stored, chunkBytes), 'zstd')), Buffer.concat([text(1000), text(41)]))).toBe(
        0,
      );
  });
  it('reads every member of gzip', async () => {
    const stored = Buffer.concat(CONTENTS.map((content) => gzipSync(content)));
    for (const chunkBytes of [stored.length, 65_536, 999])
      expect(Buffer.compare(await collect(decompressBlocks(cut(stored, chunkBytes), 'gzip')), Buffer.concat(CONTENTS))).toBe(0);
  });
  it.each(['zstd', 'gzip'] as const)(
    'fails on %s that is cut anywhere but between two blocks, or followed by something else',
    async (method) => {
      const compress = method === 'zstd' ? (content: Buffer) => zstd(content, withChecksum) : (content: Buffer) => gzipSync(content);
      const [first, second] = [compress(text(5000)), compress(randomBytes(300))];
      const stored = Buffer.concat([first, second]);
      for (let at = 1; at < stored.length; at += at < 20 || at > stored.length - 20 ? 1 : 11)
        if (at !== first.length)
          await expect(collect(decompressBlocks(cut(stored.subarray(0, at), 64), method)), `cut at ${at}`).rejects.toThrow(
            BlocksUndecodable,
          );
      await expect(collect(decompressBlocks(cut(Buffer.alloc(0), 1), method))).rejects.toThrow(BlocksUndecodable);
      const followed = Buffer.concat([stored, Buffer.from('and more of it')]);
      await expect(collect(decompressBlocks(cut(followed, 64), method))).rejects.toThrow(BlocksUndecodable);
    },
  );
  it('fails on a flipped bit of a frame with a checksum', async () => {
    const stored = Buffer.concat([zstd(text(5000), withChecksum), zstd(randomBytes(200), withChecksum)]);
    for (let at = 0; at < stored.length; at += 3) {
      // Two bits of a header mean nothing: the unused one, and the window, which only has to be large enough.
      const damaged = Buffer.from(stored);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const found = await collect(decompressBlocks(cut(damaged, 64), 'zstd')).catch((error: unknown) => error);
      if (found instanceof Buffer) expect(Buffer.compare(found, await collect(decompressBlocks(cut(stored, 64), 'zstd')))).toBe(0);
      else expect(found).toBeInstanceOf(BlocksUndecodable);
    }
  });
  it('throws what the source throws, and ends the source of a reader that stops', async () => {
    const broken = new Error('the connection broke');
    let ended = 0;
    async function* source(fails: boolean) {
      try {
        for (let block = 0; block < 20; block++) yield zstd(text(2_000_000));
        if (fails) throw broken;
      } finally {
        ended += 1;
      }
    }
    await expect(collect(decompressBlocks(source(true), 'zstd'))).rejects.toBe(broken);
    for await (const chunk of decompressBlocks(source(false), 'zstd')) if (chunk.length > 0) break;
    expect(ended).toBe(2);
  });
});
