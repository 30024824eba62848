/** Decodes an archive to its end, as a restore would, and counts what it holds. Nothing is written anywhere. */
import { pipeline } from 'node:stream/promises';
import type { Program } from '../../adapters/postgres/programs.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import type { ArchiveContent } from '../../core/backup/archive-scan.ts';
import { scanArchive } from '../../core/backup/archive-scan.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';
import { archiveObjects, decompressStored } from './read-archive.ts';

/** The programs of this image are not of the kind that wrote the archive. */
class ArchiveUnreadable extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(pgRestore: Program, manifest: Manifest) {
    super(
      `pg_restore ${pgRestore.version} cannot read an archive of pg_dump ${manifest.tools.pgDump} with ${manifest.dump.compression}`,
      FAILURES.BadConfiguration.advice,
    );
  }
}

export type Decoding = { manifest: Manifest; pgRestore: Program; searchPath: string; signal: AbortSignal };

/**
 * `archive` is what pg_dump wrote: a plain one as it was compressed, the rest of a segmented point decompressed.
 * Throws what `archive` throws, PointDamaged when it cannot be decoded to its end, ArchiveUnreadable, or the reason of
 * `signal`.
 */
export async function decodeArchive(archive: AsyncIterable<Uint8Array>, decoding: Decoding): Promise<ArchiveContent> {
  const scan = scanArchive();
  const { manifest } = decoding;
  const text =
    manifest.dump.format === 'plain' ? decompressStored(archive, manifest, archiveName(manifest)) : restoreToText(archive, decoding);
  for await (const chunk of text) {
    decoding.signal.throwIfAborted();
    scan.add(chunk);
  }
  const missing = scan.missing();
  if (missing !== undefined) throw new PointDamaged(archiveName(manifest), `${missing} is missing`);
  return scan.content();
}

const archiveName = (manifest: Manifest) => archiveObjects(manifest)[0]?.key ?? manifest.point;

/** An archive on its way to a decoder: whether it was read to its end, or what went wrong with its bytes. */
type Source = { bytes: AsyncGenerator<Uint8Array>; isReadWhole: () => boolean; error: () => Error | undefined };

function watchSource(archive: AsyncIterable<Uint8Array>): Source {
  let isReadWhole = false;
  let failure: Error | undefined;
  async function* bytes() {
    try {
      yield* archive;
      isReadWhole = true;
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the stream failed', { cause: error });
      throw error;
    }
  }
  return { bytes: bytes(), isReadWhole: () => isReadWhole, error: () => failure };
}

async function* restoreToText(
  archive: AsyncIterable<Uint8Array>,
  { manifest, pgRestore, searchPath, signal }: Decoding,
): AsyncGenerator<Uint8Array> {
  const source = watchSource(archive);
  const program = startProgram(pgRestore.path, ['--file=-'], { PATH: searchPath, LC_ALL: 'C' });
  const stop = () => void program.stop();
  signal.addEventListener('abort', stop, { once: true });
  // How the source and the program ended says more than how the pipe between them did.
  const fed = pipeline(source.bytes, program.stdin).catch(() => undefined);
  try {
    for await (const chunk of program.stdout as AsyncIterable<Buffer>) yield chunk;
    const { exitCode, signal: endedBy, errorOutput } = await program.ended;
    await fed;
    signal.throwIfAborted();
    // Wrong bytes explain a failed decoding, not the other way round.
    const damage = source.error();
    if (damage !== undefined) throw damage;
    if (/unsupported version|does not support compression|not built with/.test(errorOutput))
      throw new ArchiveUnreadable(pgRestore, manifest);
    if (exitCode !== 0)
      throw new PointDamaged(archiveName(manifest), `pg_restore could not decode it (ended with ${endedBy ?? `exit code ${exitCode}`})`);
    if (!source.isReadWhole()) throw new PointDamaged(archiveName(manifest), 'bytes follow the end of the archive');
  } finally {
    signal.removeEventListener('abort', stop);
    await program.stop();
    await fed;
  }
}
