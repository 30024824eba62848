/**
 * Steps of the machines by what is true once they are done: the workflows name their states so, and the message of a failure says
 * what is there all the same.
 */
import { TASKS, type TaskName } from '../names.ts';
import type { TaskPhase } from '../restore/target.ts';

/** Until these are done there is no point. */
export const BEFORE_THE_COMMIT = { admit: 'Admit the slot', dump: 'Dump the database' } as const;

/** Steps that run a task, by its name: what a failed task left is found by both. */
const STEPS_OF_TASKS = {
  dump: BEFORE_THE_COMMIT.dump,
  verify: 'Verify every byte',
  drill: 'Restore and check in a throwaway database',
  restore: 'Restore into a new database',
} as const satisfies Record<TaskName, string>;
export const stepOfTask = <T extends TaskName>(task: T) => STEPS_OF_TASKS[task];

/** What else the restore task does, by its phase (core/restore/target.ts). */
export const RESTORE_STEPS = {
  preflight: 'Look for what stands in the way',
  prepare: 'Mark what is to be replaced',
  restore: STEPS_OF_TASKS.restore,
  validate: 'Check the restored database',
  swap: 'Swap the databases',
  replace: 'Replace the database',
  settle: 'Open what the restore has closed',
  undo: 'Put the old database back',
  finish: 'Drop the database that was kept',
} as const satisfies Record<TaskPhase, string>;

/** What it asks of the vault, and of what an earlier try has left. */
export const RESTORE_LOOKS = {
  request: 'Check the request',
  safety: 'Look for an earlier safety backup',
  places: 'See whether they have changed places',
} as const;

/** What has to be there before a database is replaced. */
export const BEFORE_REPLACING = {
  save: 'Make a safety backup first',
  saved: 'See that there is a safety backup',
  time: 'See that there is time to replace it',
} as const;

/** Undefined when the step runs no task. */
export const taskOfStep = (step: string): TaskName | undefined =>
  isOneOf(RESTORE_STEPS, step) ? 'restore' : TASKS.find((task) => STEPS_OF_TASKS[task] === step);

/** Notes of a task's failures are named so: each phase counts tries of its own. */
export const noteName = (task: TaskName, phase: string | undefined): string =>
  phase === undefined || phase === 'restore' ? task : `${task}-${phase}`;
export const noteOfStep = (step: string): string | undefined => {
  const phase = Object.entries(RESTORE_STEPS).find(([, name]) => name === step)?.[0];
  const task = taskOfStep(step);
  return task && noteName(task, phase);
};

/** Steps that have the data of a point retrieved, and what the machine is in meanwhile. */
export const RETRIEVAL = {
  ask: 'Ask for what is in cold storage',
  decide: 'Decide whether the data can be read',
  wait: 'Retrieving the data from cold storage',
} as const;

/** When these begin the point stands where it was to go. */
export const AFTER_THE_RESTORE = {
  write: 'Write the evidence',
  sign: 'Sign the evidence',
  lock: 'Lock the evidence',
  copy: 'Copy the records',
} as const;

/** What keeps the record of a restore that began and did not come through. */
export const FAILED_RESTORE = {
  begin: 'Note that the restore begins',
  decide: 'Decide whether something had begun',
  write: 'Write down how it failed',
  sign: 'Sign how it failed',
  lock: 'Lock how it failed',
  copy: 'Copy how it failed',
} as const;

function isOneOf(steps: Record<string, string>, step: string): boolean {
  return Object.values(steps).includes(step);
}

/** Whether a failed step of a backup leaves a point behind that is committed and not finished. */
export const leavesAPoint = (step: string) => !isOneOf(BEFORE_THE_COMMIT, step);

/** What somebody has signed off is kept before anything is dropped for it. */
export const SIGN_OFF = {
  decide: 'Decide whether somebody signs off',
  sign: 'Sign what was signed off',
  lock: 'Lock what was signed off',
  copy: 'Copy what was signed off',
} as const;

/** Steps that stop what uses a database, and that put it back. */
export const QUIESCE = {
  begin: 'Decide what is stopped',
  stop: 'Stop what uses the database',
  check: 'Look whether it has stopped',
} as const;
export const RESUME = {
  afterSuccess: 'Decide what is put back',
  afterFailure: 'Put back what was stopped before the failure',
  byHand: 'Put back what an earlier restore has stopped',
  start: 'Put back what was stopped',
  see: 'See that all is put back',
} as const;

/** Steps that ask the application itself, once it was put back. */
export const PROBE = {
  begin: 'Decide what is probed',
  ask: 'Ask the application',
  wait: 'Wait until the application answers',
  see: 'See that the application answers',
} as const;

/** Steps of escrow that open again what a source no longer has. */
export const OLDER_ENVELOPE = { copy: 'Copy the envelope from the other region', open: 'Open the envelope' } as const;
export const isOfOlderEnvelope = (step: string) => isOneOf(OLDER_ENVELOPE, step);
