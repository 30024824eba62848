/** What restores leave: working papers of the run, and the evidence that is made of them. */
import * as z from 'zod';
import { CheckResult } from '../drill/contract.ts';
import { LeftToPeople } from '../sign-off/records.ts';
import { RestoreSelection } from './selection.ts';
import { RestoreTarget } from './target.ts';
import { RecoveryTimes } from './times.ts';
import { Written } from './written.ts';

const Instant = z.iso.datetime({ offset: false });

/** `restores/<system>/<asset>/<run>/restored.json`: written by the task once the point stands in `database`. */
export const RestoredPaper = z.strictObject({
  point: z.string(),
  /** The database that was filled: the new one, that which is swapped in, or that which was replaced. */
  database: z.string(),
  startedAt: Instant,
  finishedAt: Instant,
  bytesRestored: z.int(),
  /** What a person has to know of the database: its locale, roles that were made or are missing. */
  notes: z.array(z.string()),
});
export type RestoredPaper = z.infer<typeof RestoredPaper>;

/** `…/validated.json` */
export const ValidatedPaper = z.strictObject({
  startedAt: Instant,
  finishedAt: Instant,
  checks: z.array(CheckResult),
  /** Why nothing was checked, where it was not. */
  unchecked: z.string().optional(),
});
export type ValidatedPaper = z.infer<typeof ValidatedPaper>;

/** `…/swapped.json`, `…/undone.json`, `…/finished.json` */
export const SwapPaper = z.strictObject({
  finishedAt: Instant,
  /** Name of the database that was taken away, where it still stands. */
  kept: z.string().optional(),
  notes: z.array(z.string()),
});
export type SwapPaper = z.infer<typeof SwapPaper>;

/**
 * `…/prepared.json`: written before the safety backup of a database of which nothing will be left. Either `mark` and `written` are
 * given, or `saved`: an earlier run came so far that there is nothing left to save.
 */
export const PreparedPaper = z.strictObject({
  finishedAt: Instant,
  /** What the comment of the database says from now on; the manifest of its safety backup has the same. */
  mark: z.string().optional(),
  /** What had been written to the database by then. */
  written: Written.optional(),
  /** The point that the earlier run saved; empty when nobody knows it any more. */
  saved: z.string().optional(),
});
export type PreparedPaper = z.infer<typeof PreparedPaper>;

/** The working papers that the restore task writes; those of the other steps are theirs. */
export const TASK_PAPERS = ['restored', 'validated', 'prepared', 'swapped', 'undone', 'finished'] as const;
export type TaskPaper = (typeof TASK_PAPERS)[number];

/** Whether all that was stopped is put back, and which of it, in a sentence. */
export const Resumed = z.strictObject({ complete: z.boolean(), message: z.string() });

/** `evidence/<system>/<YYYY>/restore-result-<run>.json` */
export const RestoreResult = z.strictObject({
  format: z.literal('holdfast/restore-result/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  database: z.string(),
  startedAt: Instant,
  finishedAt: Instant,
  /** Of the point’s data, as it is stored; a part of it (`selection`) needed no more than that. */
  bytesRestored: z.int(),
  /** What a person has to know of the new database: its locale, roles that were made or are missing. */
  notes: z.array(z.string()),
  /** Beside when absent, as earlier releases did nothing else. */
  target: RestoreTarget.optional(),
  /** What of the point was asked for: everything when absent, or not said by an earlier release. */
  selection: RestoreSelection.optional(),
  /** Name of the database that was replaced, until somebody signs off. */
  kept: z.string().optional(),
  /** The point that was made of the old database before anything was touched. */
  safety: z.string().optional(),
  /** `unchecked`: why the database was not. */
  validation: z.strictObject({ checks: z.array(CheckResult), unchecked: z.string().optional() }).optional(),
  times: RecoveryTimes.optional(),
  resumed: Resumed.optional(),
  /** What the run ended with, although the point stands in the database. */
  failed: z.strictObject({ failure: z.string(), message: z.string() }).optional(),
  /** What is left to people, which somebody signs off. */
  leftToPeople: LeftToPeople.optional(),
});
export type RestoreResult = z.infer<typeof RestoreResult>;

/** `evidence/<system>/<YYYY>/restore-failure-<run>.json`: what began, and did not come through. */
export const RestoreFailure = z.strictObject({
  format: z.literal('holdfast/restore-failure/v1'),
  action: z.enum(['restore', 'undo', 'finish']),
  /** Refused: Holdfast, or the server, would not do it. Failed: it was tried. Neither counts as a restore or as a measured time. */
  outcome: z.enum(['failed', 'refused']),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  /** Of an undo and a finish: the run whose kept database it is about. */
  of: z.string().optional(),
  target: RestoreTarget,
  selection: RestoreSelection.optional(),
  database: z.string(),
  startedAt: Instant,
  endedAt: Instant,
  /** The step that failed first, and the class of its failure (core/failure/classes.ts). */
  step: z.string(),
  failure: z.string(),
  reasons: z.array(z.string()),
  /** What there is now, a sentence each. */
  left: z.array(z.string()),
  safety: z.string().optional(),
  validation: z.strictObject({ checks: z.array(CheckResult), unchecked: z.string().optional() }).optional(),
  /** What stays stopped, if anything was. */
  resumed: Resumed.optional(),
  /** How long what happened took; no recovery. */
  times: RecoveryTimes.optional(),
});
export type RestoreFailure = z.infer<typeof RestoreFailure>;

/** Kinds of evidence: what became of the database that a restore has kept. */
export const FOLLOW_UPS = ['restore-undo', 'restore-finish'] as const;

/** `evidence/<system>/<YYYY>/restore-undo-<run>.json`, `restore-finish-<run>.json` */
export const RestoreFollowUp = z.strictObject({
  format: z.literal('holdfast/restore-follow-up/v1'),
  action: z.enum(['undo', 'finish']),
  system: z.string(),
  asset: z.string(),
  run: z.string(),
  /** The run of the restore that it is about. */
  of: z.string(),
  database: z.string(),
  /** After an undo: where what had been restored stands now. */
  kept: z.string().optional(),
  startedAt: Instant,
  finishedAt: Instant,
  notes: z.array(z.string()),
});
export type RestoreFollowUp = z.infer<typeof RestoreFollowUp>;

/** What the machine ends with when it succeeds. `result` is the key of the evidence. */
export type RestoreOutput = z.infer<typeof RestoreOutput>;
export const RestoreOutput = z.object({
  system: z.string(),
  action: z.enum(['restore', 'undo', 'finish', 'sign-off']).default('restore'),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  target: RestoreTarget.default('beside'),
  database: z.string(),
  kept: z.string().default(''),
  safety: z.string().default(''),
  result: z.string(),
  /** What is to be known of the point before it is relied on. */
  remarks: z.array(z.string()).default([]),
});
