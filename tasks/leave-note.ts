import { z } from 'zod';
import { openBucket } from '../adapters/s3/bucket.ts';
import type { FailureNote } from '../core/failure/failure-note.ts';
import { noteName } from '../core/failure/steps.ts';
import type { TaskName } from '../core/names.ts';
import { ObjectExists } from '../core/ports/object-errors.ts';
import { failureNoteKey } from '../core/vault/keys.ts';
import { jsonText } from './environment.ts';

/** Less than any task needs for its work: an environment that is wrong otherwise can still be told of. */
const NoteEnvironment = z.object({
  SYSTEM: z.string().min(1),
  VAULT_BUCKET: z.string().min(1),
  ASSET_PLAN: jsonText(z.object({ id: z.string().min(1) })),
  RUN: z.string().min(1),
  TRY: z.coerce.number().int().min(1),
  /** Of a task that does several things. */
  PHASE: z.string().optional(),
});

/** Says in the vault why the task failed. Nothing is written where the environment does not say of what; throws what S3 answered. */
export async function leaveNote(task: TaskName, note: FailureNote, environment: NodeJS.ProcessEnv): Promise<void> {
  const { data } = NoteEnvironment.safeParse(environment);
  if (!data) return;
  const { writer } = openBucket(data.VAULT_BUCKET, {}, environment);
  const key = failureNoteKey(data.SYSTEM, data.ASSET_PLAN.id, data.RUN, noteName(task, data.PHASE), data.TRY);
  await writer.putOnce(key, JSON.stringify(note)).catch((error: unknown) => {
    // The same try, started again by ECS: what it said first stands.
    if (!(error instanceof ObjectExists)) throw error;
  });
}
