/** Where a point goes, what else the restore machine does, and which steps of it the restore task runs. Pure. */
import * as z from 'zod';

/**
 * `beside`: a new database. `in-place`: restored beside, then swapped by rename; the old one is kept until sign-off. `drop-and-create`:
 * the old one goes first. `clean-replay`: a plain dump with its own DROP statements runs in the database, in one transaction.
 */
export const RestoreTarget = z.enum(['beside', 'in-place', 'drop-and-create', 'clean-replay']);
export type RestoreTarget = z.infer<typeof RestoreTarget>;

/**
 * `undo` puts the kept database of a restore in place back; `finish` keeps the sign-off of any restore, and drops what it has kept;
 * `resume` puts back what a restore has stopped.
 */
export const RestoreAction = z.enum(['restore', 'undo', 'finish', 'resume']);
export type RestoreAction = z.infer<typeof RestoreAction>;

/**
 * `preflight` writes nothing. `prepare` marks a database that is about to be saved and then replaced for good. `restore` fills a new
 * database: that of `beside`, or the one that is swapped in later. `replace` fills the database itself. `settle` opens what a step that
 * failed has left closed, and records a swap or an undo that had come through.
 */
export const TaskPhase = z.enum(['preflight', 'prepare', 'restore', 'validate', 'swap', 'replace', 'settle', 'undo', 'finish']);
export type TaskPhase = z.infer<typeof TaskPhase>;

/** What exists is replaced: it is saved first, and somebody else agrees. */
export const replacesDatabase = (target: RestoreTarget): boolean => target !== 'beside';

/** Of what is replaced, the safety backup is all that is left; in place, the old database is kept. */
export const keepsNothing = (target: RestoreTarget): boolean => target === 'drop-and-create' || target === 'clean-replay';
