/**
 * Every Lambda function, by the path of its handler under functions/. The bundle is made from this list, so a handler that is
 * missing is an error that names its file.
 */
export const HANDLERS = [
  'backup/admit-slot',
  'backup/report-failure',
  'lock/lock-objects',
  'lock/find-due',
  'lock/record-hold',
  'lock/hold-objects',
  'copy/plan-copy',
  'copy/copy-parts',
  'copy/complete-copy',
  'copy/copy-records',
  'copy/follow-record',
  'copy/follow-missing',
  'evidence/sign-objects',
  'record/record-point',
  'escrow/list-versions',
  'escrow/escrow-version',
  'escrow/read-back',
  'escrow/write-evidence',
  'drill/choose-point',
  'drill/judge-drill',
  'restore/check-request',
  'retention/list-assets',
  'retention/decide-points',
  'retention/expire-points',
  'retention/sweep-attempts',
  'retention/write-evidence',
  'watch/watch-assets',
  'audit/begin-audit',
  'audit/check-settings',
  'audit/check-objects',
  'audit/write-evidence',
] as const;
export type HandlerPath = (typeof HANDLERS)[number];
