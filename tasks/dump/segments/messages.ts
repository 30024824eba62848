/** What the main thread and a reading thread say to each other. */
import type { SegmentSessionSettings } from '../../../adapters/postgres/segment-session.ts';
import type { Compression } from '../../../core/backup/dump-arguments.ts';
import type { PostgresFinding } from '../../../core/failure/classify-postgres.ts';

export type ReaderSettings = {
  compression: Compression;
  /** The parts of objects, and how many of them a thread may have filled and not got back: its share of the memory. */
  partBytes: number;
  parts: number;
};

export type ToReader =
  /** `connection` numbers them: parts that an earlier one filled are not waited for. */
  | { kind: 'connect'; session: SegmentSessionSettings; connection: number }
  | { kind: 'read'; tried: string; sql: string }
  /** A part that nobody reads anymore, or leave to make another when it cannot be given back. */
  | { kind: 'free'; buffer: ArrayBuffer | undefined; connection: number }
  | { kind: 'close' };

export type FromReader =
  | { kind: 'connected' }
  /** Rows went by. */
  | { kind: 'moved'; bytes: number }
  | { kind: 'part'; buffer: ArrayBuffer; bytes: number }
  | { kind: 'read'; rows: number; uncompressedBytes: number; sha256: string }
  | { kind: 'failed'; tried: string; finding: PostgresFinding }
  | { kind: 'closed' };
