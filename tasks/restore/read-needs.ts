/** What an archive needs of a server, from its own SQL: nothing of it is run. */
import { rm, writeFile } from 'node:fs/promises';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import type { ArchiveNeeds } from '../../core/restore/archive-needs.ts';
import { useList } from '../../core/restore/archive-phases.ts';
import { PlainScript } from '../../core/restore/plain-script.ts';
import { readRestoreProblem } from '../../core/restore/restore-problem.ts';
import { decompressStored, readArchive } from '../verify/read-archive.ts';
import { RestoreStopped } from './errors.ts';
import { archiveFile } from './load-archive.ts';
import { watched, type Moved, type StoredPoint } from './stored-point.ts';

type ReadSettings = {
  path: string;
  scratchDir: string;
  signal: AbortSignal;
  moved: Moved;
  /** Of an archive; everything when absent. */
  dumpIds?: readonly number[] | undefined;
};

/** The point's bytes were compared; a custom archive, or the contents of a segmented one, is in the scratch directory. Throws RestoreStopped, PointDamaged. */
export async function readNeeds({ reader, manifest }: StoredPoint, settings: ReadSettings): Promise<ArchiveNeeds> {
  const { signal, moved } = settings;
  if (manifest.dump.format !== 'plain') return readArchiveNeeds(settings);
  return collect(decompressStored(watched(readArchive(reader, manifest), signal, moved), manifest, 'dump'));
}

/** Of a plain dump: what it needs, and what it makes. */
export async function readScript(
  { reader, manifest }: StoredPoint,
  { signal, moved }: Pick<ReadSettings, 'signal' | 'moved'>,
): Promise<{ needs: ArchiveNeeds; objects: readonly string[] }> {
  const script = new PlainScript({ skipExtensions: [] });
  for await (const chunk of decompressStored(watched(readArchive(reader, manifest), signal, moved), manifest, 'dump')) script.take(chunk);
  script.end();
  return script;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<ArchiveNeeds> {
  const script = new PlainScript({ skipExtensions: [] });
  for await (const chunk of chunks) script.take(chunk);
  script.end();
  return script.needs;
}

/** Everything but the rows, as pg_restore would run it. */
async function readArchiveNeeds({ path, scratchDir, signal, dumpIds }: ReadSettings): Promise<ArchiveNeeds> {
  const { path: pgRestore } = await findProgram('pg_restore', path);
  const archive = archiveFile(scratchDir);
  const listFile = `${archive}.list`;
  if (dumpIds !== undefined) await writeFile(listFile, useList(dumpIds), { mode: 0o600 });
  const list = dumpIds === undefined ? [] : [`--use-list=${listFile}`];
  const args = ['--section=pre-data', '--section=post-data', ...list, '--file=-', archive];
  const program = startProgram(pgRestore, args, { PATH: path, LC_ALL: 'C' });
  const stop = () => void program.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [needs, end] = await Promise.all([collect(program.stdout), program.ended]);
    signal.throwIfAborted();
    if (end.exitCode !== 0) throw new RestoreStopped('pg_restore', readRestoreProblem(end.errorOutput), 'RestoreFailed');
    return needs;
  } finally {
    signal.removeEventListener('abort', stop);
    await program.stop();
    await rm(listFile, { force: true });
  }
}
