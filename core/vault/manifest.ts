/**
 * `manifest.json`: the commit of a recovery point. It is written last, once, and only when absent; a point exists exactly when it
 * exists. Version 1 is a point whose dump is one archive of pg_dump; version 2 one whose archive is segmented, and only that. Both
 * are specified in docs/format.md; a golden vault of each is kept.
 */
import * as z from 'zod';
import { isSlot } from './ids.ts';

export const MANIFEST_FORMAT = 'holdfast/manifest/v1';
export const SEGMENTED_MANIFEST_FORMAT = 'holdfast/manifest/v2';
/** Every version that this release reads. */
export const MANIFEST_FORMATS = [MANIFEST_FORMAT, SEGMENTED_MANIFEST_FORMAT] as const;

/** Version of a segmented archive: docs/archive-format.md. */
export const ARCHIVE_FORMAT = 'holdfast/archive/v1';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Instant = z.iso.datetime({ offset: false });

/** Some pages of one table, as one object. */
const Segment = z.strictObject({
  tableOid: z.string(),
  /** `schema.table` and the list of columns, quoted as in SQL: what COPY needs. */
  table: z.string(),
  columns: z.string(),
  /** From 1; segments of a table, in this order, are its rows. */
  number: z.int().min(1),
  of: z.int().min(1),
  rows: z.int().min(0),
  /** Of the text that COPY gave, with the end marker behind it. */
  uncompressedBytes: z.int().min(0),
});
export type Segment = z.infer<typeof Segment>;

export const StoredObject = z.strictObject({
  /**
   * What the object is. Version 1: `dump` objects concatenate, in order, to one archive. Version 2: `rest` objects concatenate, in
   * order, to a compressed custom archive of pg_dump that holds everything but the rows of segmented tables; `toc` and the `segment`
   * objects are the files of a directory archive that holds those.
   */
  role: z.enum(['dump', 'rest', 'toc', 'segment', 'schema', 'roles', 'settings']),
  key: z.string(),
  versionId: z.string(),
  sizeBytes: z.int().min(0),
  sha256: Sha256,
  /** Full-object CRC as S3 keeps it, base64; it survives a copy with other part boundaries. */
  crc: z.strictObject({ algorithm: z.enum(['CRC64NVME', 'CRC32']), value: z.string() }),
  /** Of a `segment`, and of nothing else. */
  segment: Segment.optional(),
});
export type StoredObject = z.infer<typeof StoredObject>;

const Fields = z.strictObject({
  format: z.enum(MANIFEST_FORMATS),
  system: z.string(),
  asset: z.string(),
  point: z.string().refine(isSlot),
  slot: z.string().refine(isSlot),
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
    /** What a restore had said in the comment of the database that was about to replace it (core/restore/database-properties.ts). */
    mark: z.string().optional(),
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    localeProvider: z.string(),
    icuLocale: z.string().optional(),
    sizeBytes: z.int().min(0),
    extensions: z.array(z.strictObject({ name: z.string(), version: z.string(), schema: z.string() })),
  }),
  dump: z.strictObject({
    format: z.enum(['custom', 'plain', 'segmented']),
    /** Version of a segmented archive, and absent for any other. */
    archive: z.literal(ARCHIVE_FORMAT).optional(),
    compression: z.enum(['zstd', 'gzip', 'none']),
    options: z.array(z.string()),
    uncompressedBytes: z.int().min(0).optional(),
  }),
  tools: z.strictObject({ holdfast: z.string(), pgDump: z.string(), node: z.string() }),
  /** Fingerprints of the keys without which the restored database is unreadable, as they were at the time of the dump. */
  keys: z.array(z.strictObject({ key: z.string(), fingerprint: z.string() })),
  objects: z.array(StoredObject).min(1),
});

const ONLY_WHOLE: readonly StoredObject['role'][] = ['dump'];
const ONLY_SEGMENTED: readonly StoredObject['role'][] = ['rest', 'toc', 'segment'];

export const Manifest = Fields.refine(({ format, dump, objects }) => {
  const isSegmented = format === SEGMENTED_MANIFEST_FORMAT;
  const foreign = isSegmented ? ONLY_WHOLE : ONLY_SEGMENTED;
  return (
    (dump.format === 'segmented') === isSegmented &&
    (dump.archive !== undefined) === isSegmented &&
    objects.every(({ role, segment }) => !foreign.includes(role) && (role === 'segment') === (segment !== undefined))
  );
}, 'the format, the dump and the objects do not belong together');
export type Manifest = z.infer<typeof Manifest>;
