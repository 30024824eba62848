/**
 * `manifest.json`, format version 1: the commit of a recovery point. It is written last, once, and only when absent; a point
 * exists exactly when it exists. Specified in docs/format.md; a golden vault holds it readable.
 */
import { z } from 'zod';
import { SLOT_PATTERN } from './ids.ts';

export const MANIFEST_FORMAT = 'holdfast/manifest/v1';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Instant = z.iso.datetime({ offset: false });

export const StoredObject = z.strictObject({
  /** What the object is: `dump` objects concatenate, in order, to one archive. */
  role: z.enum(['dump', 'schema', 'roles', 'settings']),
  key: z.string(),
  versionId: z.string(),
  sizeBytes: z.int().min(0),
  sha256: Sha256,
  /** Full-object CRC as S3 keeps it, base64; it survives a copy with other part boundaries. */
  crc: z.strictObject({ algorithm: z.enum(['CRC64NVME', 'CRC32']), value: z.string() }),
});
export type StoredObject = z.infer<typeof StoredObject>;

export const Manifest = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  system: z.string(),
  asset: z.string(),
  point: z.string().regex(SLOT_PATTERN),
  slot: z.string().regex(SLOT_PATTERN),
  attempt: z.string(),
  startedAt: Instant,
  /** The data point: every row committed before this instant is in the dump. */
  consistentAt: Instant,
  finishedAt: Instant,
  source: z.strictObject({
    engine: z.literal('postgres'),
    version: z.string(),
    systemIdentifier: z.string().optional(),
    database: z.string(),
    lsn: z.string().optional(),
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    localeProvider: z.string(),
    icuLocale: z.string().optional(),
    sizeBytes: z.int().min(0),
    extensions: z.array(z.strictObject({ name: z.string(), version: z.string(), schema: z.string() })),
  }),
  dump: z.strictObject({
    format: z.enum(['custom', 'plain']),
    compression: z.enum(['zstd', 'gzip', 'none']),
    options: z.array(z.string()),
    uncompressedBytes: z.int().min(0).optional(),
  }),
  tools: z.strictObject({ holdfast: z.string(), pgDump: z.string(), node: z.string() }),
  objects: z.array(StoredObject).min(1),
  /** Fingerprints of the keys without which the restored database is unreadable, as they were at the time of the dump. */
  keys: z.array(z.strictObject({ key: z.string(), fingerprint: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;
