/**
 * Rights that no end-to-end run uses, each with the reason that it stays. A right that is neither used nor told here fails the suite;
 * so does a reason whose right is used, or gone. docs/roles.md prints them.
 */
export type Kept = {
  /** Roles without `holdfast-<system>-`; `*` is any text, `<asset>` any asset. */
  roles: string[];
  /** All statements when absent. */
  sids?: string[];
  /** All actions of the statements when absent. */
  actions?: string[];
  /** Some runs use it and some do not, such as what only follows an interruption. */
  isAtTimes?: true;
  why: string;
};

const PEOPLE = ['operator', 'requester', 'approver', 'custodian', 'auditor'].flatMap((role) => [role, `${role}-replica`]);

export const KEPT: readonly Kept[] = [
  { roles: ['*'], sids: ['Log'], why: 'Lambda, ECS and EC2 write logs under the role; on one machine logs are files' },
  {
    roles: ['*-machine'],
    sids: ['DeliverLogs', 'DeliverTraces'],
    why: 'Step Functions delivers logs and traces under the role; the interpreter does neither',
  },
  {
    roles: ['*-machine'],
    sids: ['HearOfTasks', 'WatchTasks'],
    why: 'Step Functions hears of the end of a task, and stops one that takes too long; on one machine a task is a child process',
  },
  {
    roles: ['*-machine'],
    sids: ['StartItsMapRuns', 'WatchItsMapRuns'],
    why: 'A distributed map runs as executions of its machine; the interpreter runs them within one',
  },
  {
    roles: ['task-execution*'],
    sids: ['PullTheImage', 'LogInToTheRegistry'],
    why: 'ECS pulls the image; on one machine tasks run from the checkout',
  },
  { roles: ['scheduler*'], why: 'EventBridge Scheduler starts runs under it; the schedules of a system on one machine are held' },
  { roles: PEOPLE, why: 'People assume it, in the console and by the command line; the runs are started by the suite' },
  {
    roles: ['escrow-record-proof'],
    sids: ['ReadFactsOfTheReplica', 'ReadEvidence', 'VaultKey'],
    actions: ['s3:GetObject', 's3:GetObjectVersion', 'kms:Decrypt'],
    why: 'A step that is tried again reads what the try before it wrote: test/functions/escrow',
  },
  { roles: ['break-glass*'], why: 'For emergencies, and never assumed by Holdfast' },
  {
    roles: ['copy-follow-record', 'copy-follow-missing'],
    why: 'The event of the vault and the daily schedule call them, and neither is in the emulator; test/functions/copy shows what they do',
  },
  {
    roles: ['copy-plan-copy', 'copy-complete-copy'],
    sids: ['FindUploads', 'Upload', 'SeeParts'],
    why: 'Objects of many parts: those of the runs here are copied whole; test/functions/copy shows uploads, resumed and ended',
  },
  {
    roles: ['copy-copy-parts'],
    sids: ['SeeParts'],
    why: 'Objects of many parts: those of the runs here are copied whole',
  },
  {
    roles: ['copy-plan-copy'],
    sids: ['ReplicaKey', 'ReadCopies'],
    why: 'Objects of many parts, and copies that an earlier run has made',
  },
  { roles: ['copy-copy-parts'], sids: ['ReadCopies'], why: 'Copies that an earlier try has made are compared' },
  {
    roles: ['copy-copy-parts'],
    sids: ['ReplicaKey'],
    actions: ['kms:Decrypt'],
    why: 'S3 decrypts the parts of an upload to put them together',
  },
  {
    roles: ['<asset>-dump'],
    sids: ['VaultKey'],
    actions: ['kms:Decrypt'],
    isAtTimes: true,
    why: 'S3 decrypts the parts of an upload to put them together; small dumps are of one part',
  },
  {
    roles: ['<asset>-dump'],
    sids: ['WriteData'],
    actions: ['s3:AbortMultipartUpload'],
    isAtTimes: true,
    why: 'A dump that fails ends its upload',
  },
  {
    roles: ['<asset>-dump', '<asset>-restore', '<asset>-restore-2', 'escrow-escrow-version'],
    sids: ['ReadLoginSecretKey', 'ReadKeysKey'],
    why: 'Secrets Manager asks for it where a secret has a key of its own; that of the emulator asks for none',
  },
  {
    roles: ['escrow-list-versions', 'escrow-escrow-version', 'escrow-guard-rotation'],
    sids: ['SeeWhetherDeleted'],
    why: 'Only of a secret that cannot be read: test/functions/escrow/escrow-failures',
  },
  {
    roles: ['<asset>-drill', '<asset>-drill-2'],
    sids: ['SeeLinks', 'ReadLinks'],
    why: 'Only where nothing keeps a dump from the credentials of the task does the drill ask the chain which manifest is the point’s',
  },
  {
    roles: ['<asset>-verify', '<asset>-drill', '<asset>-drill-2', '<asset>-restore-2'],
    sids: ['SayWhyItFailed'],
    why: 'They say why they failed when they do; the runs here fail in dump and restore',
  },
  {
    roles: ['<asset>-restore', '<asset>-restore-2'],
    sids: ['ReadWhatWasDone', 'SeeWhatWasDone'],
    isAtTimes: true,
    why: 'A restore that is tried again after it had written what it did finds that; test/tasks/restore shows it',
  },
  {
    roles: ['restore-write-result', 'restore-write-result-replica'],
    sids: ['ReadWhatWasDone', 'SeeWhatWasDone'],
    isAtTimes: true,
    why: 'Working papers are read by their versions, whatever was put over them',
  },
  {
    roles: ['restore-find-safety'],
    why: 'Asked when a database is replaced for good, which no run here does: test/functions/restore and test/tasks/restore/swap show it',
  },
  {
    roles: ['restore-check-request', 'restore-check-request-replica'],
    sids: ['SeeEarlierRestores', 'ReadEarlierRestores'],
    isAtTimes: true,
    why: 'An undo or a finish asks what an earlier restore has left, and who signed it off; test/functions/sign-off and test/tasks/restore/swap show it',
  },
  {
    roles: ['restore-machine'],
    sids: ['StartTheOtherMachine', 'WatchTheOtherMachine', 'HearOfTheOtherMachine'],
    isAtTimes: true,
    why: 'Step Functions runs the safety backup under the role; the interpreter compares the grant with what the role is given',
  },
  {
    roles: ['backup-report-failure', 'backup-report-failure-replica'],
    sids: ['FindNotes'],
    why: 'S3 says 404 of a key that is missing, not 403, only to who may list',
  },
  {
    roles: ['backup-report-failure-replica'],
    sids: ['ReadNotesOfFailedTasks', 'VaultKey', 'Tell'],
    why: 'Nothing fails in the second region in these runs; the same function tells of failures at home',
  },
  {
    roles: ['escrow-write-evidence'],
    sids: ['ReadEvidence', 'VaultKey'],
    actions: ['s3:GetObject', 's3:GetObjectVersion', 'kms:Decrypt'],
    why: 'Evidence that an earlier try has written is compared, not written again',
  },
  {
    roles: ['escrow-escrow-version'],
    sids: ['ReadEnvelopes', 'ReadWhatIsWrongInTheReplica'],
    isAtTimes: true,
    why: 'Read is what the replica lacks, what a region could not open, and offline files, which the plans of the runs have none of: test/functions/escrow',
  },
  {
    roles: ['escrow-escrow-version'],
    sids: ['SeeVersions'],
    actions: ['secretsmanager:ListSecretVersionIds'],
    why: 'Asked of a version that cannot be read, whether it has no value or is gone; in these runs all can be read: test/functions/escrow',
  },
  {
    roles: ['escrow-renew-locks'],
    sids: ['Renew', 'RenewInTheReplica'],
    actions: ['s3:PutObjectRetention'],
    why: 'Locks are due a year before they end, and none here is: test/functions/escrow',
  },
  {
    roles: [
      'lock-record-hold',
      'lock-find-due-replica',
      'retention-decide-points-replica',
      'retention-expire-points-replica',
      'retention-mark-cold-replica',
    ],
    sids: ['SeePublicKeys', 'ReadPublicKeys'],
    why: 'A release of a hold counts when its signature holds: at home the runs release once, and nothing in the second region',
  },
  {
    roles: ['approval-write-request', 'approval-confirm-decisions'],
    sids: ['LookUpStarts'],
    why: 'Who started it is asked of the account’s trail where nobody has said so by a signed call; the emulator has no trail: test/functions/approval',
  },
  {
    roles: ['approval-confirm-decisions'],
    sids: ['SayWhoAsked', 'VaultKey', 'Tell'],
    actions: ['s3:PutObject', 'kms:GenerateDataKey', 'sns:Publish'],
    why: 'It writes down what the trail says, and tells of a request that was not approved; the runs here are asked by signed calls and approved: test/functions/approval',
  },
  {
    roles: ['approval-ask-approvers'],
    sids: ['Wake'],
    isAtTimes: true,
    why: 'It wakes the machine itself where a decision came before there was a token to keep: test/functions/approval',
  },
  {
    roles: ['approval-ask-approvers'],
    sids: ['ReadTokens'],
    why: 'A step that is tried again compares the token with the one that the try before it kept',
  },
  {
    roles: [
      'approval-take-request-replica',
      'approval-write-request-replica',
      'approval-ask-approvers-replica',
      'approval-decide-replica',
      'approval-confirm-decisions-replica',
      'sign-off-take-word-replica',
    ],
    why: 'Nobody is asked in the second region in these runs, where nothing is replaced; the same functions ask and are told at home',
  },
  { roles: ['rotation'], why: 'EventBridge starts escrow under it when a key is rotated; the emulator has no such rule' },
  {
    roles: ['watch-watch-keys', 'watch-watch-keys-replica'],
    sids: ['Tell', 'KeepWhatFailed'],
    why: 'Events of the account’s trail, which the emulator has not: test/functions/watch-keys',
  },
  {
    roles: ['retention-sweep-attempts', 'retention-sweep-attempts-replica'],
    sids: ['DeleteAttempts', 'EndUploads', 'ReadManifests', 'SeeAttempts', 'VaultKey'],
    actions: [
      's3:DeleteObjectVersion',
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucketVersions',
      'kms:Decrypt',
    ],
    why: 'Sweeps what is three days old, which nothing here is: test/functions/retention',
  },
  {
    roles: ['lock-record-hold-replica', 'lock-hold-objects-replica', 'hold-replica-machine'],
    why: 'Nothing is held in the second region in these runs; the same functions hold and release at home',
  },
  {
    roles: ['audit-check-settings*'],
    // The keys of fingerprints and of signatures.
    sids: ['SeeKey3', 'SeeKey4'],
    actions: ['kms:GetKeyRotationStatus'],
    why: 'Asked of the keys that can be rotated; what signs and what makes fingerprints cannot',
  },
  {
    roles: ['audit-write-evidence*'],
    sids: ['ReadEvidence', 'VaultKey'],
    actions: ['s3:GetObject', 's3:GetObjectVersion', 'kms:Decrypt'],
    why: 'Evidence that an earlier try has written is compared, not written again',
  },
  {
    roles: ['audit-write-evidence-replica'],
    sids: ['Tell'],
    why: 'Nothing deviates in the second region in these runs; the same function tells of it at home',
  },
  {
    roles: ['restore-retrieve-point*'],
    sids: ['Retrieve'],
    why: 'Points in cold storage, which nothing here is: test/functions/restore',
  },
  {
    roles: ['retention-mark-cold*'],
    sids: ['MarkData'],
    why: 'Points that are old enough for cold storage, which nothing here is: test/functions/retention',
  },
];
