/**
 * The outer frame of a task of ECS: signals in, exit code out. A task speaks in lines of JSON on its standard output: `progress`
 * while it works, `message` for what happened, `failure` when it ends badly. Exit codes: core/failure/classes.ts.
 */
import { emptyCoreDumps } from '../adapters/empty-core-dumps.ts';
import { FAILURES } from '../core/failure/classes.ts';
import type { FailureName } from '../core/failure/classes.ts';
import { HoldfastError, type FailurePlace } from '../core/failure/error.ts';
import { exitCodeOf } from '../core/failure/exit.ts';
import type { TaskName } from '../core/names.ts';
import { leaveNote } from './leave-note.ts';

export class Interrupted extends HoldfastError {
  readonly failure = 'Interrupted';
  constructor(signal: string) {
    super(`The task was told to stop by ${signal}`, FAILURES.Interrupted.advice);
  }
}

/** ECS sends SIGKILL 30 s after SIGTERM; what is left of the work must be gone well before. */
const STOP_DEADLINE_MILLISECONDS = 15_000;

export type TaskContext = { signal: AbortSignal; say: (line: Record<string, unknown>) => void };
export type TaskEnd = { failure: FailureName; message: string; advice: string };

/**
 * Runs `work` and ends the process: 0, or the exit code of the failure's class. A failure leaves a note in the vault, best effort:
 * the exit code is told in any case.
 */
export async function runTask(
  task: TaskName,
  environment: NodeJS.ProcessEnv,
  work: (context: TaskContext) => Promise<void>,
): Promise<void> {
  emptyCoreDumps();
  const stop = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    stop.abort(new Interrupted(signal));
    setTimeout(() => process.exit(exitCodeOf('Interrupted')), STOP_DEADLINE_MILLISECONDS).unref();
  };
  process.on('SIGTERM', interrupt);
  process.on('SIGINT', interrupt);
  try {
    await work({ signal: stop.signal, say });
    process.exitCode = 0;
  } catch (error) {
    // What broke because it was stopped says less than why it was stopped, unless it says that too.
    const saysWhy = error instanceof HoldfastError && error.cause === stop.signal.reason;
    const cause: unknown = stop.signal.aborted && !saysWhy ? stop.signal.reason : error;
    const end = describeEnd(cause);
    say({ failure: end.failure, message: end.message, advice: end.advice });
    await leaveNote(task, { ...end, ...placeOf(cause) }, environment).catch((noteError: unknown) =>
      say({ message: `The failure could not be noted: ${describeEnd(noteError).message}` }),
    );
    process.exitCode = exitCodeOf(end.failure);
  } finally {
    process.off('SIGTERM', interrupt);
    process.off('SIGINT', interrupt);
  }
  // Whatever still holds the event loop (a pool, a socket in time-out) holds nothing of worth: everything was awaited.
  process.exit();
}

const say = (line: Record<string, unknown>) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const placeOf = (error: unknown): FailurePlace => (error instanceof HoldfastError ? error.place : {});

/** An error that nobody foresaw may quote what it choked on: its name and where it happened are told, its text is not. */
export function describeEnd(error: unknown): TaskEnd {
  if (error instanceof HoldfastError) return { failure: error.failure, message: error.message, advice: error.advice };
  const place =
    error instanceof Error
      ? (error.stack ?? '')
          .split('\n')
          .filter((line) => line.startsWith('    at '))
          .slice(0, 6)
          .map((line) => line.trim())
          .join(' < ')
      : '';
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  const message = `${FAILURES.Unexpected.what}: ${error instanceof Error ? error.name : typeof error}${code}${place ? ` ${place}` : ''}`;
  return { failure: 'Unexpected', message, advice: FAILURES.Unexpected.advice };
}
