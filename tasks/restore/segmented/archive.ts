/** A segmented point's archive: compared with the manifest as far as can be without reading every segment, and its table of contents. */
import { basename } from 'node:path';
import { readCustomArchive } from '../../../core/archive/custom-stream.ts';
import { NotAnArchive, parseToc, type ArchiveEntry, type ArchiveToc } from '../../../core/archive/toc.ts';
import type { Segment, StoredObject } from '../../../core/vault/manifest.ts';
import { PointDamaged } from '../../../core/vault/point-damage.ts';
import { checkPointBytes, compareHead, decompressStored, readArchive, readStoredObject } from '../../verify/read-archive.ts';
import { severalAtOnce } from '../../../core/several-at-once.ts';
import { watched, type Moved, type StoredPoint } from '../stored-point.ts';

export type LoadableSegment = {
  object: StoredObject;
  segment: Segment;
  /** `COPY … FROM stdin`, in the encoding of the archive. */
  copy: Buffer;
  /** Of the table that the rows belong to, in the rest's table of contents. */
  tableDumpId: number;
};

export type SegmentedArchive = {
  /** Of the rest: everything but the rows of segmented tables. */
  toc: ArchiveToc;
  /** The server's, and that of names and rows. */
  encoding: string;
  segments: LoadableSegment[];
};

const HEADS_AT_ONCE = 16;

/** Nothing was written yet: all but the segments was compared, byte by byte. Throws PointDamaged. */
export async function checkAllButSegments({ reader, manifest }: StoredPoint, signal: AbortSignal, moved: Moved): Promise<void> {
  const objects = manifest.objects.filter(({ role }) => role !== 'segment');
  await checkPointBytes(reader, { ...manifest, objects }, (bytes) => {
    signal.throwIfAborted();
    moved(bytes);
  });
}

/**
 * Nothing was written yet: of what will be loaded, every segment is there as the manifest says. Its bytes are compared before its rows are
 * committed. What is not loaded is not looked at: a table that is lost keeps no other from being restored. Throws PointDamaged.
 */
export async function checkSegments(
  { reader }: StoredPoint,
  segments: readonly LoadableSegment[],
  signal: AbortSignal,
  moved: Moved,
): Promise<void> {
  await severalAtOnce(segments, HEADS_AT_ONCE, async ({ object }, stop) => {
    signal.throwIfAborted();
    stop.throwIfAborted();
    await compareHead(reader, object);
    moved(1);
  });
}

/** The rest as pg_dump wrote it. Throws PointDamaged. */
export const readRest = ({ reader, manifest }: StoredPoint, signal: AbortSignal, moved: Moved): AsyncIterable<Uint8Array> =>
  decompressStored(watched(readArchive(reader, manifest), signal, moved), manifest, 'rest');

/** Throws PointDamaged when one of the two tables of contents cannot be read, or they and the manifest do not belong together. */
export async function openArchive(point: StoredPoint, signal: AbortSignal): Promise<SegmentedArchive> {
  const toc = await readRestToc(point, signal);
  const { reader, manifest } = point;
  const tocObject = manifest.objects.find(({ role }) => role === 'toc');
  if (tocObject === undefined) throw new PointDamaged('manifest.json', 'it names no table of contents');
  const chunks: Uint8Array[] = [];
  for await (const chunk of readStoredObject(reader, tocObject)) chunks.push(chunk);
  const files = new Map<string, ArchiveEntry>();
  for (const entry of readContents(Buffer.concat(chunks), tocObject.key).entries) if (entry.file) files.set(entry.file, entry);
  const tables = new Map(toc.entries.filter(({ kind }) => kind === 'TABLE').map((entry) => [entry.oid, entry.dumpId]));

  const segments = manifest.objects.flatMap((object): LoadableSegment[] => {
    if (object.segment === undefined) return [];
    const file = basename(object.key).replace(/\.(?:zst|gz)$/, '');
    const copy = files.get(file)?.copy;
    const tableDumpId = tables.get(object.segment.tableOid);
    if (!copy || tableDumpId === undefined) throw new PointDamaged(object.key, 'the table of contents does not name it');
    files.delete(file);
    return [{ object, segment: object.segment, copy: Buffer.from(copy, 'latin1'), tableDumpId }];
  });
  const [missing] = files.keys();
  if (missing !== undefined) throw new PointDamaged(tocObject.key, `it names ${missing}, which the manifest does not`);
  return { toc, encoding: readEncoding(toc), segments };
}

async function readRestToc(point: StoredPoint, signal: AbortSignal): Promise<ArchiveToc> {
  try {
    for await (const event of readCustomArchive(readRest(point, signal, () => undefined))) if (event.kind === 'toc') return event.toc;
  } catch (error) {
    throw asDamage(error, 'rest');
  }
  throw new PointDamaged('rest', 'it has no table of contents');
}

function readContents(bytes: Buffer, key: string): ArchiveToc {
  try {
    const parsed = parseToc(bytes);
    if (parsed) return parsed.toc;
  } catch (error) {
    throw asDamage(error, key);
  }
  throw new PointDamaged(key, 'its table of contents has no end');
}

/** The bytes are those of the manifest: they were no archive when they were written, or it is one of a release to come. */
const asDamage = (error: unknown, key: string): unknown =>
  error instanceof NotAnArchive
    ? new PointDamaged(key, `it is no archive that this release reads: ${error.message}`, { cause: error })
    : error;

/** `SET client_encoding = 'UTF8';` */
function readEncoding({ entries }: ArchiveToc): string {
  const definition = entries.find(({ kind }) => kind === 'ENCODING')?.definition;
  const encoding = /^SET client_encoding = '(\w+)';/.exec(definition ?? '')?.[1];
  if (encoding === undefined) throw new PointDamaged('rest', 'its table of contents names no encoding');
  return encoding;
}
