/**
 * Steps of the machines by what is true once they are done: the workflows name their states so, and the message of a failure says
 * what is there all the same.
 */

/** Until these are done there is no point. */
export const BEFORE_THE_COMMIT = { admit: 'Admit the slot', dump: 'Dump the database' } as const;

/** When these begin the new database is there. */
export const AFTER_THE_RESTORE = { sign: 'Sign the evidence', lock: 'Lock the evidence', copy: 'Copy the records' } as const;

const isOneOf = (steps: Record<string, string>, step: string) => Object.values(steps).includes(step);

/** Whether a failed step of a backup leaves a point behind that is committed and not finished. */
export const leavesAPoint = (step: string) => !isOneOf(BEFORE_THE_COMMIT, step);

/** Whether a restore had put the point into its new database when the step failed. */
export const leavesADatabase = (step: string) => isOneOf(AFTER_THE_RESTORE, step);
