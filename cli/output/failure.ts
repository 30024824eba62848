import { FAILURES } from '../../core/failure/classes.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { exitCode } from '../exit-codes.ts';
import { ExecutionFailed, UsageWrong } from '../errors.ts';
import type { Paint } from './paint.ts';

/** An error as the command line tells it: as text, or as JSON of one object. */
export type ToldFailure = {
  failure: FailureName;
  exitCode: number;
  message: string;
  advice: string;
  runbook: string;
  problems?: readonly unknown[];
  execution?: string;
};

export function describeFailure(error: unknown): ToldFailure {
  const failure = error instanceof HoldfastError ? error.failure : 'Unexpected';
  // One class has many ends: some errors have a heading of their own.
  const heading = error instanceof HoldfastError && 'heading' in error && typeof error.heading === 'string' ? error.heading : failure;
  const told = { failure, exitCode: exitCode(failure), runbook: `docs/runbook.md#${heading.toLowerCase().replaceAll(' ', '-')}` };
  if (!(error instanceof HoldfastError))
    return {
      ...told,
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      advice: FAILURES.Unexpected.advice,
    };
  return {
    ...told,
    message: error.message,
    advice: error.advice,
    ...('problems' in error && Array.isArray(error.problems) ? { problems: error.problems } : {}),
    ...(error instanceof ExecutionFailed ? { execution: error.execution } : {}),
  };
}

const isSaid = ({ message, advice, execution }: ToldFailure) =>
  message.includes(advice) || (execution !== undefined && advice === FAILURES.BadInput.advice);

export function failureText(error: unknown, paint: Paint): string {
  const told = describeFailure(error);
  const lines = [`${paint('red', 'error')} ${told.message}`];
  // The sentence that a machine ends with has said already what to do.
  if (!isSaid(told)) lines.push(`${paint('bold', ' next')} ${told.advice}`);
  // Words typed wrong need no runbook.
  if (!(error instanceof UsageWrong)) lines.push(paint('dim', `      ${told.failure}, exit code ${told.exitCode}, ${told.runbook}`));
  return lines.join('\n');
}
