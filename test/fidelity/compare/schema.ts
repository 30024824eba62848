/** Everything about a database that is no row, in the words of a stock pg_dump. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from '../servers.ts';

const LARGEST_BYTES = 256 * 1024 ** 2;

/** Lines that are another at each run: the key of psql's restricted mode, and versions of the server. */
const RUNS_OWN = /^(\\(un)?restrict .*|-- Dumped (from|by) .*)\n/gm;

/** Byte by byte, whatever its encoding. */
export async function readSchema(server: Server, database: string): Promise<string> {
  const { stdout } = await promisify(execFile)(join(server.binDir, 'pg_dump'), ['--schema-only', '--no-password'], {
    env: server.libpq(database),
    encoding: 'latin1',
    maxBuffer: LARGEST_BYTES,
  });
  return stdout.replaceAll(RUNS_OWN, '');
}
