/** Writes the files of an export, or, when it fails or is stopped, none. */
import { basename } from 'node:path';
import { archiveMinorOf } from '../../core/archive/convert-toc.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { bytesText } from '../../core/quantities.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { decompressStored, readArchive, readStoredObject } from '../../tasks/verify/read-archive.ts';
import { startMeter } from '../output/meter.ts';
import type { Answer, Context } from '../verb.ts';
import { ExportLeft, ExportRefused, nameLeft } from './errors.ts';
import { openTarget, type TargetDirectory } from './target-directory.ts';
import { writeDirectory } from './write-directory.ts';

export type ExportOrder = {
  name: { system: string; asset: string; point: string };
  from: string;
  manifest: Manifest;
  reader: ObjectReader;
  directory: string;
  major: number | undefined;
  compression: 'zstd' | 'gzip' | 'none' | undefined;
};

export type Exporting = {
  manifest: Manifest;
  target: TargetDirectory;
  /** The major of the pg_restore that is to read it. */
  major: number;
  /** Of the files. */
  compression: 'zstd' | 'gzip' | 'none';
  /** The bytes of an object or of the archive, compared with the manifest, counted, and ended by ^C. */
  read: (object: StoredObject) => AsyncIterable<Uint8Array>;
  readWhole: () => AsyncIterable<Uint8Array>;
};

/** What was written, as commands to read it with. */
export type Exported = { commands: string[]; notes: string[] };

/** Room for an archive that another method compresses less, and for what a file system keeps beside files. */
const RECOMPRESSED_FACTOR = 1.5;
const UNCOMPRESSED_FACTOR = 12;
const MARGIN_BYTES = 16 * 1024 ** 2;
const FIRST_WITH_ZSTD = 16;

export async function writePoint(context: Context, order: ExportOrder): Promise<Answer & { data: object }> {
  const { manifest, reader, directory, name, from } = order;
  const { frame } = context;
  const major = order.major ?? Number.parseInt(manifest.tools.pgDump, 10);
  const compression =
    order.compression ?? (major < FIRST_WITH_ZSTD && manifest.dump.compression === 'zstd' ? 'gzip' : manifest.dump.compression);
  refuseUnreadable(manifest, major, compression);

  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  const totalBytes = manifest.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const meter = context.isQuiet ? undefined : startMeter(frame, `Exporting ${name.asset}/${name.point} from the ${from}`, totalBytes);
  async function* watched(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      stopping.signal.throwIfAborted();
      meter?.add(chunk.length);
      yield chunk;
    }
  }
  let target: TargetDirectory | undefined;
  try {
    target = await openTarget(directory, neededBytes(manifest, compression), stopping.signal);
    const exporting: Exporting = {
      manifest,
      target,
      major,
      compression,
      read: (object) => watched(readStoredObject(reader, object)),
      readWhole: () => watched(readArchive(reader, manifest)),
    };
    await writeFrame(exporting);
    const written = manifest.dump.format === 'segmented' ? await writeDirectory(exporting) : await writeWhole(exporting);
    stopping.signal.throwIfAborted();
    const beside = notesBeside(order, target.files());
    written.notes.push(...beside);
    const data = { status: 'exported', ...name, from, directory, for: `pg${major}`, files: target.files(), ...written };
    return { data, text: (paint) => describe(paint('green', 'exported'), order, totalBytes, written) };
  } catch (error) {
    const left = (await target?.remove()) ?? [];
    if (!stopping.signal.aborted) throw left.length > 0 && error instanceof HoldfastError ? new ExportLeft(error, left) : error;
    const text =
      left.length === 0 ? 'Stopped; nothing was left behind' : `Stopped; what is half-made could not be removed: ${nameLeft(left)}`;
    return { data: { status: 'stopped', ...name, from, left }, text: () => text, exit: 'StoppedWatching' };
  } finally {
    meter?.end();
    removeHandler();
  }
}

/** Of what is not in the archive, and of what was asked for in vain. */
const notesBeside = ({ manifest, compression }: ExportOrder, files: readonly string[]): string[] => [
  ...(files.includes('roles.json') ? ['roles.json names the roles that the archive grants to: make those that are missing first'] : []),
  ...(files.includes('settings.sql') ? ['settings.sql holds what ALTER DATABASE set; pg_restore does not: docs/restore-by-hand.md'] : []),
  ...(compression !== undefined && manifest.dump.format !== 'segmented'
    ? [`--compression is for segmented points: this one is ${manifest.dump.format}, and is written as it was stored`]
    : []),
];

/** Throws ExportRefused. What the contents alone can tell is refused when they are read. */
function refuseUnreadable({ dump, tools }: Manifest, major: number, compression: string): void {
  const writer = Number.parseInt(tools.pgDump, 10);
  if (dump.format === 'segmented' && compression === 'zstd' && major < FIRST_WITH_ZSTD)
    throw new ExportRefused(major, `the pg_restore of PostgreSQL ${major} reads no zstd`, 'Leave --compression out, or say gzip');
  if (dump.format === 'custom' && archiveMinorOf(writer) > archiveMinorOf(major))
    throw new ExportRefused(
      major,
      `the archive is one of pg_dump ${tools.pgDump}, of version 1.${archiveMinorOf(writer)}: that pg_restore reads none beyond 1.${archiveMinorOf(major)}`,
      `Use the pg_restore of PostgreSQL ${writer} with \`--for pg${writer}\`: an older server answers it with one error, about a setting, that does no harm`,
    );
}

function neededBytes({ objects, dump }: Manifest, compression: string): number {
  const stored = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const uncompressed = dump.uncompressedBytes ?? stored * UNCOMPRESSED_FACTOR;
  if (dump.format === 'plain' && dump.compression !== 'none') return uncompressed + MARGIN_BYTES;
  if (dump.format !== 'segmented' || compression === dump.compression) return stored + MARGIN_BYTES;
  return (compression === 'none' ? uncompressed : stored * RECOMPRESSED_FACTOR) + MARGIN_BYTES;
}

/** What stands beside the archive: roles, settings, a schema to read. */
async function writeFrame({ manifest, target, read }: Exporting): Promise<void> {
  for (const object of manifest.objects)
    if (object.role === 'roles' || object.role === 'settings' || object.role === 'schema')
      await target.write(basename(object.key), read(object));
}

/** In one go with several jobs, pg_restore makes the triggers of a partitioned table while rows of its partitions still arrive: they fire. */
const CUSTOM_COMMANDS = ['--section=pre-data', '--section=data --jobs 4', '--section=post-data --jobs 4'].map(
  (section) => `pg_restore --exit-on-error ${section} --dbname <database> <directory>/dump`,
);

/** One file: a custom archive as it was stored, or the text of a plain one. */
async function writeWhole({ manifest, target, readWhole }: Exporting): Promise<Exported> {
  if (manifest.dump.format === 'custom') {
    await target.write('dump', readWhole());
    return { commands: CUSTOM_COMMANDS, notes: [] };
  }
  const [first] = manifest.objects.filter(({ role }) => role === 'dump');
  await target.write('dump.sql', decompressStored(readWhole(), manifest, first?.key ?? manifest.point));
  return { commands: ['psql --set ON_ERROR_STOP=1 --dbname <database> --file <directory>/dump.sql'], notes: [] };
}

const describe = (done: string, { name, from, directory }: ExportOrder, totalBytes: number, { commands, notes }: Exported): string =>
  [
    `${done} ${name.asset}/${name.point} from the ${from} to ${directory}: ${bytesText(totalBytes)} are what the manifest says`,
    ...notes,
    ...commands.map((command) => `  ${command.replace('<directory>', directory)}`),
  ].join('\n');
