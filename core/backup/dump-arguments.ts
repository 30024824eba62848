/** What pg_dump is asked to do, from the plan. */
import type { PostgresAsset } from '../plan/schema.ts';
import { excludeTableData } from './segment-sql.ts';

type DumpOptions = PostgresAsset['dump'];
/** Formats that are one archive, written by one pg_dump. */
export type WholeFormat = 'custom' | 'plain';
export type Compression = { method: 'zstd' | 'gzip'; level: number };

/** zstd 3 is smaller and five times faster than gzip 6; both are the levels that their programs choose. */
const DEFAULT_LEVEL = { zstd: 3, gzip: 6 };
const GZIP_HIGHEST = 9;
const FAST_LEVEL = 1;

/**
 * @param clientWritesZstd whether this pg_dump can compress inside an archive with zstd. A plain dump is compressed by us, so it
 *   always can be. What reads it back is of the same image, or newer.
 */
export function chooseCompression(options: DumpOptions, format: WholeFormat, clientWritesZstd: boolean): Compression {
  const { method: wished, level } = options.compression;
  const isPossible = format === 'plain' || clientWritesZstd;
  const method = wished === 'gzip' || !isPossible ? 'gzip' : 'zstd';
  const chosen = level ?? DEFAULT_LEVEL[method];
  return { method, level: method === 'gzip' ? Math.min(chosen, GZIP_HIGHEST) : chosen };
}

/** Of a segmented dump: rows are compressed by us while they are read, so that every method is possible, and a fast one worth most. */
export function chooseBlockCompression(options: DumpOptions): Compression {
  const { method, level } = options.compression;
  const chosen = method === 'gzip' ? 'gzip' : 'zstd';
  return { method: chosen, level: Math.min(level ?? FAST_LEVEL, chosen === 'gzip' ? GZIP_HIGHEST : Number.POSITIVE_INFINITY) };
}

/** The options of the plan alone: kept in the manifest, so that a reader knows what the archive was made with. */
export const planOptions = (options: DumpOptions): string[] => [
  ...(options.cleanIfExists ? ['--clean', '--if-exists'] : []),
  ...(options.noOwner ? ['--no-owner'] : []),
  ...(options.noPrivileges ? ['--no-privileges'] : []),
  ...(options.noTablespaces ? ['--no-tablespaces'] : []),
];

export type DumpCommand = {
  format: WholeFormat;
  options: DumpOptions;
  compression: Compression;
  clientMajor: number;
  snapshot: string;
  connection: string;
};

const common = (command: Omit<DumpCommand, 'format'>) => [
  `--dbname=${command.connection}`,
  '--no-password',
  `--snapshot=${command.snapshot}`,
  // A table that another session holds is told by name, before the watch for standstill would end the task without one.
  `--lock-wait-timeout=${command.options.stallMinutes * 60_000}`,
];

export function dumpArguments(command: DumpCommand): string[] {
  const { format, options, compression, clientMajor } = command;
  const inArchive = clientMajor >= 16 ? `${compression.method}:${compression.level}` : String(compression.level);
  const form = format === 'custom' ? ['--format=custom', `--compress=${inArchive}`] : ['--format=plain'];
  return [...form, ...planOptions(options), ...common(command)];
}

/** Everything but the rows of the tables that are read in segments. It is compressed by us. */
export const restArguments = (command: Omit<DumpCommand, 'format'>, segmented: readonly { schema: string; name: string }[]): string[] => [
  '--format=custom',
  '--compress=0',
  ...segmented.map(({ schema, name }) => excludeTableData(schema, name)),
  ...planOptions(command.options),
  ...common(command),
];

export const schemaArguments = (command: DumpCommand): string[] => [
  '--format=plain',
  '--schema-only',
  ...planOptions(command.options),
  ...common(command),
];
