import { CopyEnvironment, CopyPart } from '../../core/backup/contract.ts';
import { partRange } from '../../core/copy/plan-batches.ts';
import type { Crc } from '../../core/ports/object-store.ts';
import { handle } from '../edge.ts';
import { connectCopy, type CopyPorts } from './ports.ts';

/** Parts of one batch that are copied at once. */
const PARTS_AT_ONCE = 8;

/** Copies one batch. Done again it copies the same parts again, which replaces them by themselves. */
export async function copyParts(batch: CopyPart, { copier }: Pick<CopyPorts, 'copier'>): Promise<{ parts: number }> {
  const { uploadId, firstPart, lastPart } = batch;
  if (uploadId === undefined) {
    await copier.copyWhole(batch, WHOLE_COPY_CRC);
    return { parts: 1 };
  }
  let next = firstPart;
  const copyNext = async () => {
    while (next <= lastPart) {
      const partNumber = next++;
      await copier.copyPart(batch, { uploadId, partNumber, ...partRange(partNumber, batch) });
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, copyNext));
  return { parts: lastPart - firstPart + 1 };
}

/** The same algorithm as the vault's own objects have, so that the two can be compared. */
const WHOLE_COPY_CRC: Crc['algorithm'] = 'CRC32';

export const handler = handle({ environment: CopyEnvironment, request: CopyPart, connect: connectCopy, run: copyParts });
