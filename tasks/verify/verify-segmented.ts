/**
 * A segmented point read back: its segments several at a time, and beside them the rest, which is decoded as a restore would. Each
 * object is compared with the manifest, decompressed to its end, and its rows are counted.
 */
import { compareToc } from '../../core/archive/compare-toc.ts';
import { findSegmentFault, segmentObjects, type SegmentObject } from '../../core/archive/find-segment-fault.ts';
import { scanSegment } from '../../core/archive/scan-segment.ts';
import { parseToc, type ArchiveToc } from '../../core/archive/toc.ts';
import { watchCustom } from '../../core/backup/archive-custom.ts';
import type { ArchiveContent } from '../../core/backup/archive-scan.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { decodeArchive, type Decoding } from './decode-archive.ts';
import { archiveObjects, decompressStored, readArchive, readStoredObject } from './read-archive.ts';

export type SegmentedReading = Decoding & {
  reader: Pick<ObjectReader, 'read' | 'head'>;
  objectsAtOnce: number;
  /** Sees the stored bytes go by, and throws when the work is to end. */
  count: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
};

/** Throws PointDamaged, ArchiveUnreadable, an error of the store, or the reason of `signal`. */
export async function verifySegmented(reading: SegmentedReading): Promise<ArchiveContent> {
  const { manifest, objectsAtOnce } = reading;
  const fault = findSegmentFault(manifest);
  if (fault) throw new PointDamaged(fault.key, fault.what);
  let rest: Rest | undefined;
  let toc: ArchiveToc | undefined;
  let bytes = 0;
  const readOne = async (object: StoredObject, stop: AbortSignal) => {
    const chunks = unless(stop, reading.count(readStoredObject(reading.reader, object)));
    if (isSegment(object)) bytes += await verifySegment(object, chunks, manifest);
    else if (object.role === 'toc') toc = await readToc(object.key, chunks);
    else for await (const _ of chunks);
  };
  const jobs = [
    async (stop: AbortSignal) => void (rest = await verifyRest({ ...reading, signal: AbortSignal.any([reading.signal, stop]) })),
    ...manifest.objects.filter(({ role }) => role !== 'rest').map((object) => (stop: AbortSignal) => readOne(object, stop)),
  ];
  await severalAtOnce(jobs, objectsAtOnce + 1, (job, stop) => job(stop));
  if (!rest || !toc) throw new PointDamaged(manifest.point, 'it has no rest or no table of contents');

  const segments = segmentObjects(manifest).map(({ segment }) => segment);
  const difference = compareToc(toc, rest.toc, segments);
  if (difference !== undefined) throw new PointDamaged(tocKey(manifest), difference);
  const rows = new Map(rest.content.rows.map(({ table, rows: counted }) => [table, counted]));
  for (const { table } of segments)
    if (rows.has(table)) throw new PointDamaged(restKey(manifest), `it has rows of ${table}, which is segmented`);
  for (const segment of segments) rows.set(segment.table, (rows.get(segment.table) ?? 0) + segment.rows);
  return {
    rows: [...rows].map(([table, counted]) => ({ table, rows: counted })).sort((a, b) => (a.table < b.table ? -1 : 1)),
    largeObjects: rest.content.largeObjects,
    bytes: rest.content.bytes + bytes,
  };
}

const isSegment = (object: StoredObject): object is SegmentObject => object.segment !== undefined;
const tocKey = ({ objects, point }: Manifest) => objects.find(({ role }) => role === 'toc')?.key ?? point;
const restKey = (manifest: Manifest) => archiveObjects(manifest)[0]?.key ?? manifest.point;

async function* unless(stop: AbortSignal, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    stop.throwIfAborted();
    yield chunk;
  }
}

/** Answers how many bytes the segment has when it is decompressed. */
async function verifySegment({ key, segment }: SegmentObject, chunks: AsyncIterable<Uint8Array>, manifest: Manifest): Promise<number> {
  const scan = scanSegment();
  for await (const chunk of decompressStored(chunks, manifest, key, { isLent: true })) scan.add(chunk);
  const { rows, bytes, missing } = scan.end();
  if (missing !== undefined) throw new PointDamaged(key, missing);
  if (bytes !== segment.uncompressedBytes)
    throw new PointDamaged(key, `it has ${bytes} bytes when decompressed, and the manifest says ${segment.uncompressedBytes}`);
  if (rows !== segment.rows) throw new PointDamaged(key, `it has ${rows} rows, and the manifest says ${segment.rows}`);
  return bytes;
}

async function readToc(key: string, chunks: AsyncIterable<Uint8Array>): Promise<ArchiveToc> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const parsed = parseOrDamaged(key, bytes);
  if (parsed === undefined) throw new PointDamaged(key, 'the table of contents has no end');
  if (parsed.length !== bytes.length) throw new PointDamaged(key, 'bytes follow the table of contents');
  return parsed.toc;
}

function parseOrDamaged(key: string, bytes: Uint8Array) {
  try {
    return parseToc(bytes);
  } catch (error) {
    throw new PointDamaged(key, 'it is not the table of contents of an archive', { cause: error });
  }
}

type Rest = { content: ArchiveContent; toc: ArchiveToc };

async function verifyRest(reading: SegmentedReading): Promise<Rest> {
  const { manifest, reader, count } = reading;
  const key = restKey(manifest);
  let toc: ArchiveToc | undefined;
  // pg_restore stops reading at the last block, whatever follows.
  const end = watchCustom();
  async function* watched() {
    let head = Buffer.alloc(0);
    let triedBytes = 0;
    for await (const chunk of decompressStored(count(readArchive(reader, manifest)), manifest, key)) {
      if (toc === undefined) {
        head = Buffer.concat([head, chunk]);
        // A table of contents may have hundreds of thousands of entries: it is not parsed anew for each chunk.
        if (head.length >= triedBytes * 2) {
          toc = parseOrDamaged(key, head)?.toc;
          triedBytes = head.length;
        }
      }
      end.add(chunk);
      yield chunk;
    }
    toc ??= parseOrDamaged(key, head)?.toc;
  }
  const content = await decodeArchive(watched(), reading);
  const missing = toc === undefined ? 'the end of its table of contents' : end.missing();
  if (toc === undefined || missing !== undefined) throw new PointDamaged(key, `${missing} is missing`);
  return { content, toc };
}
