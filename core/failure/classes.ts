/**
 * Every class of failure, once: its exit code (how a Fargate task says it), whether a retry is worth it, and what a person does
 * next. The runbook (docs/runbook.md) has a heading of the same name for each; a test checks that. Exit codes from 10 up are ours.
 */
import { failure, type FailureClass } from './failure-class.ts';
import { RESTORE_FAILURES } from './restore-classes.ts';

export const FAILURES = {
  SourceUnreachable: failure(
    10,
    true,
    'The database did not answer',
    'Check host and port in the secret, the route and the security group between the dump task and the database',
  ),
  SourceNotReady: failure(
    11,
    true,
    'The database is starting, stopping or recovering',
    'Wait until the server accepts connections; the next run tries again',
  ),
  SourceLoginRefused: failure(
    12,
    false,
    'The database refused the login',
    'Compare user name and password in the secret with the database; rotate the secret if it is stale',
  ),
  SourceGrantMissing: failure(
    13,
    false,
    'The dump role may not read everything',
    'Run `npx holdfast doctor --grants` and apply the SQL that it prints',
  ),
  SourceTlsFailed: failure(
    14,
    false,
    'The server certificate could not be verified',
    'Check `source.tls` and `source.ca` in the plan against the certificate of the server',
  ),
  ClientTooOld: failure(15, false, 'pg_dump is older than the server', 'Set `source.postgresMajor` to that of the server and deploy again'),
  DumpInterruptedByServer: failure(
    16,
    true,
    'The server ended the connection in the middle of the dump',
    'Look for a restart, a failover or a terminated session at the time; the next try starts from the beginning',
  ),
  DumpFailed: failure(
    17,
    false,
    'pg_dump ended with an error',
    'Read the SQLSTATE and the object in the message; run `npx holdfast doctor`',
  ),
  DumpTruncated: failure(
    18,
    true,
    'The dump ended without its end marker',
    'The next try starts from the beginning; if it repeats, look at memory and the stopped reason of the task',
  ),
  Stalled: failure(
    19,
    true,
    'No byte moved for as long as the plan allows',
    'Look for locks on the source (pg_locks) and for a network that drops idle connections',
  ),
  Interrupted: failure(20, true, 'The task was told to stop', 'Find out who or what stopped it, unless that was meant'),
  VaultUnavailable: failure(21, true, 'S3 or KMS did not take or give the bytes', 'Check the service health and the VPC endpoints'),
  VaultRefused: failure(
    22,
    false,
    'S3 or KMS denied the access',
    'Compare the role of the task with the policies of bucket and key; deploy again if they were changed',
  ),
  SourceChanged: failure(
    23,
    true,
    'A table was altered, truncated or dropped while the dump began',
    'The next try has a new snapshot; if it repeats, keep migrations and the schedule of the dump apart',
  ),
  SourceHalfRestored: failure(24, false, 'A restore into the database has not ended', 'Start the same restore again: it goes on, and ends'),
  PointDamaged: failure(
    30,
    false,
    'Stored bytes are not what was written',
    'Do not restore this point; use its copy in the other region or an older proven point, and find out who or what changed it',
  ),
  PointMissing: failure(31, false, 'There is no such recovery point', 'Run `npx holdfast list` for the points that exist'),
  PointNotExpired: failure(
    32,
    false,
    'A point that should expire is still there',
    'Read in the evidence which of its objects S3 kept and why; the next run takes it up again',
  ),
  PointArchived: failure(
    33,
    false,
    'The data of the point is in cold storage',
    'Drill or restore the point with its machine, which has the data retrieved and waits for it; then it can be read for a week',
  ),
  ...RESTORE_FAILURES,
  DiskFull: failure(
    44,
    false,
    'The disk of the ephemeral or target database is full',
    'Give the task more ephemeral storage, or the target more disk',
  ),
  ThrowawayUnavailable: failure(
    45,
    true,
    'The ephemeral database did not start',
    'Read the log of the container `database`; a drill that could not run is not a pass',
  ),
  NotIsolated: failure(
    46,
    false,
    'A restored dump could not be kept apart from the credentials of the task',
    'Run as root, or on a kernel that allows user namespaces, or drill only points that this plan made',
  ),
  ApplicationUnavailable: failure(
    47,
    true,
    'The application that the drill brings up could not be started',
    'Read the log of the container `application`; its image, its port and the secrets that it is given stand in `drill.application` of the plan',
  ),
  CheckFailed: failure(
    50,
    false,
    'The restored database is not what the plan promises',
    'Read which check failed, compare with the source, and treat the asset as unprotected until a drill passes',
  ),
  DrillCouldNotRun: failure(
    51,
    false,
    'The drill could not run',
    'Read the reasons in the evidence; a drill that could not run is not a pass: run it again once the cause is gone',
  ),
  KeyNotRecoverable: failure(
    60,
    false,
    'A key that the data needs could not be recovered from escrow',
    'Run `npx holdfast escrow` and read its message; the data is unreadable without the key',
  ),
  KeySourceUnavailable: failure(
    61,
    true,
    'The secret that holds a key could not be read',
    'Check that the secret exists and that the escrow role may read it',
  ),
  KeyNotInSecret: failure(
    62,
    false,
    'The secret does not hold the key where the plan says',
    'Compare `source.field` of the key asset with the secret; store the key as text',
  ),
  ShareUnusable: failure(
    63,
    false,
    'A custodian’s share, or several together, do not rebuild the offline identity',
    'Compare with the sheet what the message names; any other custodian’s share will do as well',
  ),
  RotationRefused: failure(
    65,
    false,
    'The version that a rotation would replace could not be got back from escrow',
    'Run `npx holdfast escrow` for the key, until it ends well; then rotate',
  ),
  MessageNotDelivered: failure(
    67,
    true,
    'A receiver of messages did not take one',
    'Compare the secret that `notifications` names in the plan with the address that the receiver gave; the subscribers of the alarm topic were told',
  ),
  BadInput: failure(64, false, 'The input is not one that can be met', 'Correct what the message names'),
  NotDeployed: failure(
    66,
    false,
    'What the plan describes is not deployed there',
    'Deploy the plan with `npx cdk deploy --all -c plan=<file>`, or name the account and region where it is deployed',
  ),
  AwsUnreachable: failure(69, true, 'AWS did not answer', 'Check the network, the region and the endpoint, then try again'),
  OutputLost: failure(
    74,
    false,
    'The answer of a command could not be written to where it was to go',
    'Make room there, or write it elsewhere, and ask again; what the command did besides is done',
  ),
  AwsLoginMissing: failure(
    77,
    false,
    'AWS was asked without credentials, or with some that are not enough',
    'Log in with a profile that may do this (`--profile <name>`), or work on this machine with `--local`',
  ),
  BadConfiguration: failure(
    78,
    false,
    'The environment of the task or function is not what it expects',
    'Deploy again; if it repeats, the deployed version and the image differ',
  ),
  TaskDidNotStart: failure(80, true, 'The task could not start', 'Read the stopped reason: image, subnet, endpoint or capacity'),
  OutOfMemory: failure(81, false, 'The task ran out of memory', 'Raise `task.memoryMiB` in the plan'),
  TimedOut: failure(82, false, 'The step took longer than the plan allows', 'Compare the size of the asset with `schedule.longestRun`'),
  Unexpected: failure(70, false, 'Something that Holdfast did not foresee', 'Keep the log and the execution id, and report them'),
} as const satisfies Record<string, FailureClass>;

export type FailureName = keyof typeof FAILURES;
