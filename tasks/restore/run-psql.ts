import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import { PlainScript } from '../../core/restore/plain-script.ts';
import { readRestoreProblem } from '../../core/restore/restore-problem.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { PsqlTooOld, RestoreStopped } from './errors.ts';

export type PsqlRun = {
  psqlPath: string;
  access: LibpqAccess;
  /** The plain dump. */
  chunks: AsyncIterable<Uint8Array>;
  skipExtensions: readonly string[];
  noOwner?: boolean;
  noPrivileges?: boolean;
  isUnderPolicies?: boolean;
  /** All of the dump or nothing of it: what is cut off has never been. */
  isOneTransaction?: boolean;
  /** With `isOneTransaction`: once all of the dump is written to psql, `sql` is, and it is committed only when `check` has ended well. */
  beforeCommit?: { sql: string; check: (psql: { hasEnded: () => boolean }) => Promise<void> };
  raise?: ((role: string) => void) | undefined;
  whenServerGone: FailureName;
  signal: AbortSignal;
};

/**
 * Runs a plain dump, in psql's restricted mode (core/restore/plain-script.ts), up to the first error. Throws RestoreStopped, or what
 * `chunks` threw.
 */
export async function runPsql(run: PsqlRun): Promise<void> {
  const { psqlPath, access, chunks, whenServerGone, signal } = run;
  const key = randomBytes(24).toString('hex');
  const script = new PlainScript(run);
  const args = ['--no-psqlrc', '--quiet', '--no-password', '--output=/dev/null', '--set=ON_ERROR_STOP=1', '--set=VERBOSITY=sqlstate'];
  const psql = startProgram(psqlPath, [...args, `--dbname=${access.connection}`, '--file=-'], access.environment);
  let said = '';
  psql.stdout.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-200)));
  const stop = () => void psql.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    let hasEnded = false;
    void psql.ended.then(() => (hasEnded = true));
    const check = async () => run.beforeCommit?.check({ hasEnded: () => hasEnded });
    const frame = { key, isOneTransaction: run.isOneTransaction ?? false, last: run.beforeCommit?.sql, check };
    const fed = feed(psql.stdin, chunks, script, frame).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error('the feed of psql broke', { cause: error })),
    );
    // A psql that stopped takes no more: that its pipe broke is no news then.
    const [end, feedError] = await Promise.all([psql.ended, fed]);
    signal.throwIfAborted();
    // The end was reached, outside of any quote or COPY, exactly when psql carried out the last line.
    if (end.exitCode === 0 && feedError === undefined && said.trim().endsWith(key)) return;
    if (feedError !== undefined && !isBrokenPipe(feedError)) throw feedError;
    if (/invalid command \\restrict/.test(end.errorOutput)) throw new PsqlTooOld(psqlPath);
    const problem = readRestoreProblem(end.errorOutput);
    // The line before the dump's first one is ours.
    const line = problem.line === undefined ? undefined : problem.line - 1;
    throw new RestoreStopped('psql', { ...problem, line, object: line === undefined ? undefined : script.objectAt(line) }, whenServerGone);
  } finally {
    signal.removeEventListener('abort', stop);
    await psql.stop();
  }
}

type Frame = { key: string; isOneTransaction: boolean; last: string | undefined; check: () => Promise<void> };

/** `psql --single-transaction` commits what it has got when its input ends, also when that was cut off: here only the whole commits. */
async function feed(
  stdin: NodeJS.WritableStream,
  chunks: AsyncIterable<Uint8Array>,
  script: PlainScript,
  { key, isOneTransaction, last, check }: Frame,
): Promise<void> {
  async function* restricted() {
    // On the line before the dump's first one, so that its lines keep their numbers.
    yield Buffer.from(`\\restrict ${key}\n`);
    if (isOneTransaction) yield Buffer.from('BEGIN; ');
    for await (const chunk of chunks) yield script.take(chunk);
    yield script.end();
    if (last !== undefined) yield Buffer.from(`\n${last};\n`);
    await check();
    yield Buffer.from(`${isOneTransaction ? '\nCOMMIT;' : ''}\n\\unrestrict ${key}\n\\echo ${key}\n`);
  }
  await pipeline(Readable.from(restricted(), { objectMode: false }), stdin);
}

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(String(error.code));
