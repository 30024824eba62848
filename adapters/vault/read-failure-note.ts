import { FailureNote } from '../../core/failure/failure-note.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { failureNoteKey, failureNotesPrefix } from '../../core/vault/keys.ts';
import { parseJson } from '../../core/parse-json.ts';

export type FailedTask = {
  system: string;
  asset: string;
  run: string;
  /** The task, and what it did of several things (core/failure/steps.ts). */
  task: string;
  /** The try whose note is wanted; the last one that left a note when absent. */
  tryNumber?: number;
};

/** What the task left of its failure. Undefined when it left nothing, or nothing that can be read. */
export async function readFailureNote(vault: Pick<ObjectReader, 'get' | 'list'>, failed: FailedTask): Promise<FailureNote | undefined> {
  const { system, asset, run, task, tryNumber } = failed;
  const key = tryNumber === undefined ? await lastNote(vault, failed) : failureNoteKey(system, asset, run, task, tryNumber);
  const found = key === undefined ? undefined : await vault.get({ key });
  return found && FailureNote.safeParse(parseJson(found.body)).data;
}

/** Tries are counted from 1 and never reach 10, so that a listing has them in order. */
async function lastNote(vault: Pick<ObjectReader, 'list'>, { system, asset, run, task }: FailedTask): Promise<string | undefined> {
  let last: string | undefined;
  for await (const { key } of vault.list(`${failureNotesPrefix(system, asset, run)}${task}-`)) last = key;
  return last;
}
