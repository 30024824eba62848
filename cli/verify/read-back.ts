/** Reads a point back to this machine with the verify task's own functions. */
import { ProgramMissing } from '../../adapters/postgres/errors.ts';
import { findProgram } from '../../adapters/postgres/programs.ts';
import type { Program } from '../../adapters/postgres/programs.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { PointRecords } from '../../core/vault/read-point.ts';
import { loadPoint } from '../../tasks/verify/load-point.ts';
import { checkPointBytes } from '../../tasks/verify/read-archive.ts';
import { verifyPoint } from '../../tasks/verify/verify-point.ts';
import { startMeter } from '../output/meter.ts';
import { bytesText, plural } from '../../core/quantities.ts';
import type { Answer, Context } from '../verb.ts';

type PointToRead = { name: { system: string; asset: string; point: string }; records: PointRecords; reader: ObjectReader; from: string };

export async function readBack(context: Context, { name, records, reader, from }: PointToRead): Promise<Answer> {
  const { frame } = context;
  const { manifest } = records;
  const totalBytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const searchPath = frame.environment['PATH'] ?? '';
  const decoder = await findDecoder(searchPath, Number.parseInt(manifest.tools.pgDump, 10));
  if (decoder.program === undefined) context.tell(`The archive is not decoded: ${decoder.reason}`);

  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  const meter = context.isQuiet ? undefined : startMeter(frame, `Reading ${name.asset}/${name.point} from the ${from}`, totalBytes);
  const onBytes = (count: number) => {
    stopping.signal.throwIfAborted();
    meter?.add(count);
  };
  try {
    if (decoder.program === undefined) {
      const { warnings } = await loadPoint(reader, name);
      const checked = await checkPointBytes(reader, manifest, onBytes);
      return answer({ ...name, from, bytesRead: checked.bytes, isDecoded: false, tables: undefined, rows: undefined, warnings });
    }
    const verified = await verifyPoint(name, { reader, pgRestore: decoder.program, searchPath, signal: stopping.signal, onBytes });
    const rows = verified.content.rows.reduce((sum, table) => sum + table.rows, 0);
    return answer({
      ...name,
      from,
      bytesRead: verified.bytesRead,
      isDecoded: true,
      tables: verified.content.rows.length,
      rows,
      warnings: verified.warnings,
    });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return { data: { ...name, from, status: 'stopped' }, text: () => 'Stopped; nothing was changed', exit: 'StoppedWatching' };
  } finally {
    meter?.end();
    removeHandler();
  }
}

type Found = {
  system: string;
  asset: string;
  point: string;
  from: string;
  bytesRead: number;
  isDecoded: boolean;
  tables: number | undefined;
  rows: number | undefined;
  warnings: string[];
};

const answer = (found: Found): Answer => ({
  data: { status: 'whole', ...found },
  text: (paint) =>
    [
      `${paint('green', 'whole')} ${found.asset}/${found.point} in the ${found.from}: ${bytesText(found.bytesRead)} are what the manifest says${found.isDecoded ? `, and decode to their end: ${plural(found.rows ?? 0, 'row')} in ${plural(found.tables ?? 0, 'table')}` : '; the archive was not decoded'}`,
      ...found.warnings.map((warning) => `${paint('yellow', 'warning')} ${warning}`),
    ].join('\n'),
});

/** pg_restore reads archives of its own version and older ones. */
async function findDecoder(
  searchPath: string,
  archiveMajor: number,
): Promise<{ program: Program } | { program: undefined; reason: string }> {
  try {
    const program = await findProgram('pg_restore', searchPath);
    if (program.major >= archiveMajor) return { program };
    return { program: undefined, reason: `it was made by PostgreSQL ${archiveMajor}, and pg_restore here is ${program.version}` };
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error;
    return { program: undefined, reason: 'pg_restore is not in the PATH' };
  }
}
