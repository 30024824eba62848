/**
 * Where the frames of a zstd stream end, by their headers (RFC 8878): blocks are frames of their own, one behind the other, and a
 * decoder that knows of one frame only must be given them one at a time.
 */

const FRAME = 0xfd_2f_b5_28;
/** Its last hexadecimal digit is free. */
const SKIPPABLE_FRAME = 0x18_4d_2a_50;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const RUN_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** Bytes that do not have the form of a zstd stream. */
export class NotZstd extends Error {}

/** Bytes that come next: to be looked at, or to be passed over. */
type Step = { kind: 'take' | 'skip'; bytes: number };
type Walk = Generator<Step, void, Uint8Array>;

const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);

function* walkFrame(): Walk {
  const magic = littleEndian(yield { kind: 'take', bytes: 4 });
  if (magic - (magic % 16) === SKIPPABLE_FRAME) {
    yield { kind: 'skip', bytes: littleEndian(yield { kind: 'take', bytes: 4 }) };
    return;
  }
  if (magic !== FRAME) throw new NotZstd('a frame does not begin as one');
  const [descriptor = 0] = yield { kind: 'take', bytes: 1 };
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeBytes = CONTENT_SIZE_BYTES[(descriptor >> 6) as 0 | 1 | 2 | 3] || (isSingleSegment ? 1 : 0);
  yield { kind: 'skip', bytes: (isSingleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3] + contentSizeBytes };
  for (let isLast = false; !isLast;) {
    const header = littleEndian(yield { kind: 'take', bytes: 3 });
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new NotZstd('a block of a type that does not exist');
    yield { kind: 'skip', bytes: type === RUN_BLOCK ? 1 : header >> 3 };
  }
  const hasChecksum = (descriptor & 4) !== 0;
  yield { kind: 'skip', bytes: hasChecksum ? 4 : 0 };
}

export type FrameWalk = {
  /** Goes on at `from`, and stops behind the first frame that ends, or at the end of the bytes. Throws NotZstd. */
  next(bytes: Uint8Array, from: number): { at: number; isEnd: boolean };
};

export function walkFrames(): FrameWalk {
  let walk = walkFrame();
  let step = walk.next();
  let taken: number[] = [];
  let skipped = 0;

  return {
    next(bytes, from) {
      let at = from;
      for (;;) {
        if (step.done) {
          walk = walkFrame();
          step = walk.next();
          return { at, isEnd: true };
        }
        const wanted = step.value.bytes - (step.value.kind === 'skip' ? skipped : taken.length);
        const moved = Math.min(wanted, bytes.length - at);
        if (step.value.kind === 'skip') skipped += moved;
        else taken.push(...bytes.subarray(at, at + moved));
        at += moved;
        if (moved < wanted) return { at, isEnd: false };
        const complete = Uint8Array.from(taken);
        taken = [];
        skipped = 0;
        step = walk.next(complete);
      }
    },
  };
}
