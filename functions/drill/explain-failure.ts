import type { z } from 'zod';
import { readFailureNote } from '../../adapters/vault/read-failure-note.ts';
import type { JudgeRequest } from '../../core/drill/contract.ts';
import type { TaskFailure } from '../../core/drill/judge.ts';
import { classifyTaskFailure } from '../../core/failure/classify-task.ts';
import { describeNote } from '../../core/failure/failure-note.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';

/** Why the task or the choice of a point failed: in the runner's own words, where it left some for this class of failure. */
export async function explainFailure(
  vault: Pick<ObjectReader, 'get' | 'list'>,
  { system, asset, run, error, reason }: z.output<typeof JudgeRequest>,
): Promise<TaskFailure | undefined> {
  if (!error) return undefined;
  const classified = classifyTaskFailure(error.Cause, error.Error);
  // Said of the point before a task was started.
  if (error.Cause === '' && reason !== undefined) return { ...classified, detail: reason };
  const note = await readFailureNote(vault, { system, asset, run, task: 'drill' });
  return note?.failure === classified.failure ? { ...classified, detail: describeNote(note) } : classified;
}
