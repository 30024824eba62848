import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { combineCrc32 } from '../../../adapters/s3/crc.ts';

it('of two runs of bytes is that of both together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(second, crc32(first)));
    }),
  );
});
it('of parts as long as those of an upload', () => {
  const [first, second] = [Buffer.alloc(5 * 1024 ** 2, 'first'), Buffer.alloc(16 * 1024 ** 2 + 1, 'second')];
  expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(second, crc32(first)));
});
