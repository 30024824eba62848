/** A segmented point as one directory archive: the segments and all that the rest holds of its own, side by side. */
import { basename } from 'node:path';
import { compareToc } from '../../core/archive/compare-toc.ts';
import { convertToc, largeObjectList } from '../../core/archive/convert-toc.ts';
import { readCustomArchive } from '../../core/archive/custom-stream.ts';
import { directoryToc, largeObjectFile, rowsFile, segmentedTables } from '../../core/archive/directory-toc.ts';
import { findSegmentFault, segmentObjects, type SegmentObject } from '../../core/archive/find-segment-fault.ts';
import type { SegmentedTable } from '../../core/archive/segment-toc.ts';
import { NotAnArchive, parseToc, serializeDirectoryToc, type ArchiveToc } from '../../core/archive/toc.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { decompressStored } from '../../tasks/verify/read-archive.ts';
import { compressFile, compressSmall, SUFFIX } from './compress-file.ts';
import { ExportRefused } from './errors.ts';
import type { Exported, Exporting } from './write-point.ts';

const SEGMENTS_AT_ONCE = 4;
/** For `--data-only --disable-triggers` with several jobs: docs/archive-format.md. */
const SERIAL_TOC = 'toc-serial.dat';
const COMPRESSED = /\.(?:zst|gz)$/;

/** Throws PointDamaged, ExportRefused. The contents are written last: a directory without them is none to pg_restore. */
export async function writeDirectory(exporting: Exporting): Promise<Exported> {
  const { manifest, target, major, compression } = exporting;
  const fault = findSegmentFault(manifest);
  if (fault) throw new PointDamaged(fault.key, fault.what);
  const stored = await readStoredToc(exporting);
  const { rest, notes } = await writeRest(exporting, stored);
  await severalAtOnce(segmentObjects(manifest), SEGMENTS_AT_ONCE, (object) => writeSegment(exporting, object));
  const contents = (order: 'parallel' | 'chain') => serializeDirectoryToc(directoryToc(rest, stored.tables, order), compression);
  await target.write(SERIAL_TOC, contents('chain'));
  await target.write('toc.dat', contents('parallel'));
  const needsZstd = compression === 'zstd' ? [`Its files are zstd: the pg_restore of PostgreSQL ${major} must be built with it`] : [];
  return {
    commands: ['pg_restore --format directory --jobs 4 --dbname <database> <directory>'],
    notes: [...notes, ...needsZstd],
  };
}

type StoredToc = { key: string; toc: ArchiveToc; tables: SegmentedTable[] };

async function readStoredToc({ manifest, read }: Exporting): Promise<StoredToc> {
  const object = manifest.objects.find(({ role }) => role === 'toc');
  if (object === undefined) throw new PointDamaged(manifest.point, 'the manifest names no table of contents');
  const chunks: Uint8Array[] = [];
  for await (const chunk of read(object)) chunks.push(chunk);
  const toc = decoding(object.key, () => parseToc(Buffer.concat(chunks))?.toc);
  if (toc === undefined) throw new PointDamaged(object.key, 'it ends before its end');
  return { key: object.key, toc, tables: segmentedTables(toc) };
}

/** The files of all that is not segmented. @returns the rest's contents, as the directory is to have them. */
async function writeRest(exporting: Exporting, stored: StoredToc): Promise<{ rest: ArchiveToc; notes: string[] }> {
  const { manifest, readWhole, target, major, compression } = exporting;
  const key = manifest.objects.find(({ role }) => role === 'rest')?.key ?? manifest.point;
  const put = async (file: string, chunks: AsyncIterable<Uint8Array>) =>
    target.write(`${file}${SUFFIX[compression]}`, await compressSmall(chunks, compression));
  let converted: { rest: ArchiveToc; notes: string[] } | undefined;
  const list = largeObjectLists(exporting);
  try {
    for await (const event of readCustomArchive(decompressStored(readWhole(), manifest, key))) {
      if (event.kind === 'toc') {
        const difference = compareToc(
          stored.toc,
          event.toc,
          segmentObjects(manifest).map(({ segment }) => segment),
        );
        if (difference !== undefined) throw new PointDamaged(stored.key, difference);
        const found = convertToc(event.toc, major);
        if ('refusal' in found) throw new ExportRefused(major, found.refusal, 'Use --for with the major of the source, or a newer one');
        converted = { rest: found.toc, notes: found.notes };
        list.minor = found.toc.head.minor;
      } else if (event.kind === 'table') await put(rowsFile(event.dumpId), event.chunks);
      else if (event.kind === 'largeObjects') await list.begin(event.dumpId);
      else {
        await put(largeObjectFile(event.oid), event.chunks);
        await list.add(event.dumpId, event.oid);
      }
    }
    await list.end();
  } catch (error) {
    if (error instanceof NotAnArchive) throw new PointDamaged(key, error.message, { cause: error });
    throw error;
  }
  if (converted === undefined) throw new PointDamaged(key, 'it has no contents');
  return converted;
}

const LIST_LINES_AT_ONCE = 1_000;

/** `blobs.toc`, or one such file for each entry: a line for each large object, and the contents of none are none. */
function largeObjectLists({ target }: Exporting) {
  let file: string | undefined;
  let lines: string[] = [];
  const flush = async () => {
    if (file !== undefined) await target.append(file, lines.join(''));
    lines = [];
  };
  const lists = {
    minor: 0,
    async begin(dumpId: number) {
      await flush();
      file = largeObjectList(lists.minor, dumpId);
    },
    async add(dumpId: number, oid: number) {
      file = largeObjectList(lists.minor, dumpId);
      lines.push(`${oid} ${largeObjectFile(oid)}\n`);
      if (lines.length >= LIST_LINES_AT_ONCE) await flush();
    },
    end: flush,
  };
  return lists;
}

async function writeSegment({ manifest, read, target, compression }: Exporting, object: SegmentObject): Promise<void> {
  const file = basename(object.key);
  if (compression === manifest.dump.compression) return target.write(file, read(object));
  const text = decompressStored(read(object), manifest, object.key);
  return target.write(file.replace(COMPRESSED, SUFFIX[compression]), compressFile(text, compression));
}

function decoding<T>(key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotAnArchive) throw new PointDamaged(key, error.message, { cause: error });
    throw error;
  }
}
