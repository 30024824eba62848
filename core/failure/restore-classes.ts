import { failure, type FailureClass } from './failure-class.ts';

/** What a restore alone ends with; the numbers are shared with those of classes.ts. */
export const RESTORE_FAILURES = {
  RestoreFailed: failure(
    40,
    false,
    'pg_restore or psql reported an error',
    'Read the SQLSTATE and the object in the message; nothing of the source was touched',
  ),
  TargetUnreachable: failure(41, true, 'The target server did not answer', 'Check host and port in the target secret and the route to it'),
  TargetNotEmpty: failure(42, false, 'The target database exists already', 'Choose another name: this restore only makes new databases'),
  TargetRefused: failure(
    43,
    false,
    'The target server refused the login, or what the login would have to do',
    'Put right what the message names. Where that is the login: compare `restore.secret` in the plan with the server; its role may create databases and give objects to their owners',
  ),
  QuiesceFailed: failure(
    52,
    false,
    'What uses the database could not be stopped',
    'Read which step did not stop and why; nothing was replaced, and what had been stopped is put back as the plan says',
  ),
  NotResumed: failure(
    53,
    false,
    'Something that was stopped for the restore does not run again',
    'Put right what the message names, then `npx holdfast restore resume <run>`: it puts back what is left, and nothing twice',
  ),
  TooLittleTime: failure(
    72,
    false,
    'Too little time was left to replace a database',
    'Start the same restore again, which has all of its time, or give it more: `drill.schedule.longestRun` in the plan',
  ),
  NotSaved: failure(
    73,
    false,
    'No safety backup was made of the database that was to be replaced',
    'Look at the newest execution of the backup machine: another run may hold the slot. Once `npx holdfast backup <asset>` ends well, start the same restore again',
  ),
  NotApproved: failure(
    68,
    false,
    'A restore was not approved',
    'Read who rejected it and why, or that it expired; the same restore again is a new request',
  ),
  DecisionRefused: failure(
    71,
    false,
    'A request or a decision about one was not taken from whoever made it',
    'Compare the role and the name of the session with the plan: docs/runbook.md, heading Approvals',
  ),
} as const satisfies Record<string, FailureClass>;
