/** The output of pg_dump as a stream that ends only when the dump is whole. */
import type { RunningProgram } from './run-program.ts';
import { startProgram } from './run-program.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { classifyPgDumpOutput, classifySqlstate } from '../../core/failure/classify-postgres.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { watchCustom } from '../../core/backup/archive-custom.ts';
import { watchPlain } from '../../core/backup/archive-end.ts';
import { PostgresFailed } from './errors.ts';

class DumpTruncated extends HoldfastError {
  readonly failure = 'DumpTruncated';
  constructor(what: string) {
    super(`The dump is not whole: ${what}`, FAILURES.DumpTruncated.advice);
  }
}

export type DumpSource = {
  programPath: string;
  args: readonly string[];
  environment: Record<string, string>;
  format: 'custom' | 'plain';
  /** SQLSTATE by which the server ended our own connection: it says what pg_dump's text may not. */
  serverEndedBy: () => string | undefined;
  signal: AbortSignal;
};

/**
 * Throws, instead of ending, when pg_dump failed, was killed, or left out the end: whoever stores the bytes never takes a part for
 * the whole. The process is gone when this ends, on every path.
 */
export async function* streamDump(source: DumpSource): AsyncGenerator<Buffer> {
  source.signal.throwIfAborted();
  const program = startProgram(source.programPath, source.args, source.environment);
  const stop = () => void program.stop();
  source.signal.addEventListener('abort', stop, { once: true });
  const watcher = source.format === 'plain' ? watchPlain() : watchCustom();
  try {
    program.stdin.end();
    for await (const chunk of readOutput(program, source.signal)) {
      watcher.add(chunk);
      yield chunk;
    }
    source.signal.throwIfAborted();
    await throwUnlessWhole(program, source, watcher.missing());
  } finally {
    source.signal.removeEventListener('abort', stop);
    await program.stop();
  }
}

/** A stream that is destroyed by a stop says "premature close"; the reason of the stop says more. */
async function* readOutput(program: RunningProgram, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of program.stdout as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function throwUnlessWhole(program: RunningProgram, source: DumpSource, missing: string | undefined): Promise<void> {
  const { exitCode, signal, errorOutput } = await program.ended;
  source.signal.throwIfAborted();
  if (signal !== undefined) throw new DumpTruncated(`pg_dump was ended by ${signal}`);
  if (exitCode === undefined) throw new DumpTruncated('pg_dump could not be started');
  if (exitCode !== 0) {
    const finding = classifyPgDumpOutput(errorOutput);
    const endedBy = source.serverEndedBy();
    const isVague = finding.failure === 'DumpFailed' && finding.sqlstate === undefined;
    if (isVague && endedBy !== undefined)
      throw new PostgresFailed('pg_dump', { ...finding, failure: classifySqlstate(endedBy, 'dump'), sqlstate: endedBy });
    throw new PostgresFailed(`pg_dump ended with exit code ${exitCode}`, finding);
  }
  if (missing !== undefined) throw new DumpTruncated(`${missing} is missing, though pg_dump ended with exit code 0`);
}
