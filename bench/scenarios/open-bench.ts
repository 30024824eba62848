/** The servers of a measurement, started and stopped around it. */
import { dirname, join } from 'node:path';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { LOOPBACK } from '../../local/servers/port.ts';
import { findMachinePrograms } from '../../local/tools/postgres-programs.ts';
import type { Bench } from '../peers/peer.ts';
import { SOURCE_SECRET } from '../peers/own-asset.ts';
import { APP_ROOT, searchPath, type Place } from '../place.ts';
import { startBenchPostgres, SUPERUSER, type BenchPostgres } from '../servers/postgres.ts';
import { startSecrets } from '../servers/secrets.ts';
import { connectStore, startBenchStore, type StorePlace } from '../servers/store.ts';
import { findProgramFile } from '../setup/find-program.ts';
import { databaseBytes } from '../setup/database.ts';

const FILL_TIMEOUT_MS = 60_000;

export class NotSetUp extends Error {
  constructor(what: string) {
    super(`${what} is not installed here. Run: npm run bench -- setup`);
  }
}

/** Servers and programs of somebody else, used instead of this machine's. */
export type Given = { binDir: string; major: number; store: StorePlace };

export type OpenOptions = {
  place: Place;
  machinePath: string;
  given?: Given | undefined;
  /** Name of the server's directory. */
  server: string;
  /** Makes the database unless it is there, and says its name. */
  database: (postgres: BenchPostgres) => Promise<string>;
};

export async function withBench(options: OpenOptions, use: (bench: Bench, databaseBytes: number) => Promise<void>): Promise<void> {
  const { place, machinePath, given } = options;
  const programs = given ?? (await findMachinePrograms({ PATH: machinePath }));
  if (!programs) throw new NotSetUp('PostgreSQL');
  const path = searchPath(place, programs.binDir, machinePath);
  const storeProgram = findProgramFile('versitygw', path);
  if (!storeProgram && !given) throw new NotSetUp('versitygw, the S3 server');
  const postgres = await startBenchPostgres(place, programs.binDir, options.server);
  const ends: (() => Promise<void>)[] = [postgres.stop];
  try {
    const database = await options.database(postgres);
    const store = await (given ? connectStore(given.store) : startBenchStore(place, storeProgram ?? ''));
    ends.push(store.stop);
    const secrets = await startSecrets();
    secrets.set(SOURCE_SECRET, loginTo(postgres.port, database));
    ends.push(secrets.stop);
    await fillCompileCache(place);
    const bench = { place, postgres, store, secrets, path, postgresMajor: programs.major, database };
    await use(bench, await databaseBytes(postgres, database));
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** As the image is built with it. */
async function fillCompileCache({ compileCache }: Place): Promise<void> {
  const args = [join(APP_ROOT, 'tasks', 'fill-compile-cache.ts')];
  const env = { PATH: dirname(process.execPath), NODE_COMPILE_CACHE: compileCache };
  const filled = await runProgram(process.execPath, args, { env, cwd: APP_ROOT, timeoutMs: FILL_TIMEOUT_MS });
  if (filled.code !== 0) throw new Error(`The tasks cannot be loaded: ${lastLines(filled.stderr, 5)}`);
}

export const loginTo = (port: number, dbname: string): string =>
  JSON.stringify({ host: LOOPBACK, port, dbname, username: SUPERUSER, password: 'none is asked for' });
