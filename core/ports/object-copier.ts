/**
 * Copies objects into one bucket without their bytes passing through here. The service reads the source itself, by version id, so
 * the source's bucket and the destination's may be in different regions.
 */
import type { Crc } from './object-store.ts';

export type CopySource = { key: string; versionId: string };
export type UploadedPart = { partNumber: number; sizeBytes: number; etag: string; crc?: Crc | undefined };

export type ObjectCopier = {
  readonly bucket: string;
  /** A whole object of at most 5 GiB, under the same key. The service makes a full-object CRC of the algorithm where it can. */
  copyWhole(source: CopySource, crc: Crc['algorithm']): Promise<{ versionId: string }>;
  startUpload(key: string, crc: Crc['algorithm']): Promise<{ uploadId: string }>;
  /** Unfinished uploads of exactly this key, oldest first. */
  listUploads(key: string): Promise<string[]>;
  /** Undefined when there is no such upload any more: it was completed, or aborted. */
  listParts(key: string, uploadId: string): Promise<UploadedPart[] | undefined>;
  /** One range of the source as one part; done again, it replaces the part. Bytes from `firstByte` to `lastByte`, both included. */
  copyPart(source: CopySource, part: { uploadId: string; partNumber: number; firstByte: number; lastByte: number }): Promise<void>;
  /**
   * Makes the object of the parts. Where the service keeps a full-object CRC it compares it with `expected` and refuses a
   * difference: throws BytesDiffer.
   */
  completeUpload(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    expected: { sizeBytes: number; crc: Crc },
  ): Promise<{ versionId: string }>;
  abortUpload(key: string, uploadId: string): Promise<void>;
};
