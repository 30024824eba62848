import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import type {
  AdmitEnvironment,
  CopyEnvironment,
  LockEnvironment,
  RecordEnvironment,
  ReportFailureEnvironment,
  SignEnvironment,
} from '../core/backup/contract.ts';
import type {
  AskApproversEnvironment,
  ConfirmEnvironment,
  DecideEnvironment,
  TakeRequestEnvironment,
  WriteRequestEnvironment,
} from '../core/approval/contract.ts';
import type {
  BeginAuditEnvironment,
  CheckObjectsEnvironment,
  CheckSettingsEnvironment,
  WriteAuditEnvironment,
} from '../core/audit/contract.ts';
import type { FollowMissingEnvironment } from '../core/copy/contract.ts';
import type { ChoosePointEnvironment, JudgeEnvironment } from '../core/drill/contract.ts';
import type {
  EscrowVersionEnvironment,
  GuardEnvironment,
  ListOlderEnvironment,
  ListVersionsEnvironment,
  ReadBackEnvironment,
  RenewLocksEnvironment,
  WriteEvidenceEnvironment,
} from '../core/escrow/contract.ts';
import type { RecordProofEnvironment } from '../core/escrow/offline/proof.ts';
import type { FindDueEnvironment, HoldObjectsEnvironment, RecordHoldEnvironment } from '../core/lock/contract.ts';
import type { NotifyEnvironment } from '../core/notify/contract.ts';
import type { CheckingEnvironment, StoppingEnvironment } from '../core/quiesce/contract.ts';
import type {
  CheckRequestEnvironment,
  FindSafetyEnvironment,
  RetrieveEnvironment,
  WriteResultEnvironment,
} from '../core/restore/contract.ts';
import type { ListAssetsEnvironment, RetentionEnvironment } from '../core/retention/contract.ts';
import type { SignOffEnvironment } from '../core/sign-off/contract.ts';
import type { ProbeEnvironment } from '../core/validation/contract.ts';
import type { WatchEnvironment, WatchKeysEnvironment } from '../core/watch/contract.ts';
import { bundleFolder } from './bundle.ts';
import type { HandlerPath } from './handlers.ts';
import { makeRole, type Statement } from './policy.ts';
import type { Settings } from './settings.ts';
import { arn, type System } from './system.ts';

/** What each handler parses: a construct that supplies anything else does not compile. */
type Environments = {
  'backup/admit-slot': z.input<typeof AdmitEnvironment>;
  'backup/report-failure': z.input<typeof ReportFailureEnvironment>;
  'lock/lock-objects': z.input<typeof LockEnvironment>;
  'lock/find-due': z.input<typeof FindDueEnvironment>;
  'lock/record-hold': z.input<typeof RecordHoldEnvironment>;
  'lock/hold-objects': z.input<typeof HoldObjectsEnvironment>;
  'copy/plan-copy': z.input<typeof CopyEnvironment>;
  'copy/copy-parts': z.input<typeof CopyEnvironment>;
  'copy/complete-copy': z.input<typeof CopyEnvironment>;
  'copy/copy-records': z.input<typeof CopyEnvironment>;
  'copy/follow-record': z.input<typeof CopyEnvironment>;
  'copy/follow-missing': z.input<typeof FollowMissingEnvironment>;
  'evidence/sign-objects': z.input<typeof SignEnvironment>;
  'record/record-point': z.input<typeof RecordEnvironment>;
  'escrow/list-versions': z.input<typeof ListVersionsEnvironment>;
  'escrow/escrow-version': z.input<typeof EscrowVersionEnvironment>;
  'escrow/read-back': z.input<typeof ReadBackEnvironment>;
  'escrow/list-older': z.input<typeof ListOlderEnvironment>;
  'escrow/renew-locks': z.input<typeof RenewLocksEnvironment>;
  'escrow/guard-rotation': z.input<typeof GuardEnvironment>;
  'escrow/write-evidence': z.input<typeof WriteEvidenceEnvironment>;
  'escrow/record-proof': z.input<typeof RecordProofEnvironment>;
  'drill/choose-point': z.input<typeof ChoosePointEnvironment>;
  'drill/judge-drill': z.input<typeof JudgeEnvironment>;
  'drill/judge-scenario': z.input<typeof JudgeEnvironment>;
  'restore/check-request': z.input<typeof CheckRequestEnvironment>;
  'restore/retrieve-point': z.input<typeof RetrieveEnvironment>;
  'quiesce/stop': z.input<typeof StoppingEnvironment>;
  'quiesce/check': z.input<typeof CheckingEnvironment>;
  'quiesce/start': z.input<typeof StoppingEnvironment>;
  'validation/probe': z.input<typeof ProbeEnvironment>;
  'restore/write-result': z.input<typeof WriteResultEnvironment>;
  'restore/find-safety': z.input<typeof FindSafetyEnvironment>;
  'retention/list-assets': z.input<typeof ListAssetsEnvironment>;
  'retention/decide-points': z.input<typeof RetentionEnvironment>;
  'retention/expire-points': z.input<typeof RetentionEnvironment>;
  'retention/sweep-attempts': z.input<typeof RetentionEnvironment>;
  'retention/mark-cold': z.input<typeof RetentionEnvironment>;
  'retention/write-evidence': z.input<typeof RetentionEnvironment>;
  'watch/watch-assets': z.input<typeof WatchEnvironment>;
  'watch/watch-keys': z.input<typeof WatchKeysEnvironment>;
  'notify/send-notice': z.input<typeof NotifyEnvironment>;
  'audit/begin-audit': z.input<typeof BeginAuditEnvironment>;
  'audit/check-settings': z.input<typeof CheckSettingsEnvironment>;
  'audit/check-objects': z.input<typeof CheckObjectsEnvironment>;
  'audit/write-evidence': z.input<typeof WriteAuditEnvironment>;
  'approval/take-request': z.input<typeof TakeRequestEnvironment>;
  'approval/write-request': z.input<typeof WriteRequestEnvironment>;
  'approval/ask-approvers': z.input<typeof AskApproversEnvironment>;
  'approval/decide': z.input<typeof DecideEnvironment>;
  'approval/confirm-decisions': z.input<typeof ConfirmEnvironment>;
  'sign-off/take-word': z.input<typeof SignOffEnvironment>;
};

export type FunctionProps<H extends HandlerPath> = {
  system: System;
  settings: Settings;
  handler: H;
  description: string;
  environment: Environments[H];
  statements: Statement[];
  timeoutSeconds?: number;
  memoryMiB?: number;
};

/** One function with its role (of the same name) and its log group. */
export function makeFunction<H extends HandlerPath>(stack: Construct, props: FunctionProps<H>): CfnFunction {
  const { system, settings, handler } = props;
  const id = pascal(handler);
  const functionName = system.functionRole(handler);
  const logGroupName = `/aws/lambda/${functionName}`;
  const logGroup = new CfnLogGroup(stack, `${id}Logs`, { logGroupName, retentionInDays: settings.logRetentionDays });
  logGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  const role = makeRole(stack, `${id}Role`, {
    roleName: functionName,
    description: `Holdfast ${system.name}: ${props.description}`,
    trust: { service: 'lambda.amazonaws.com' },
    statements: [
      {
        sid: 'Log',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [arn(system.home, 'logs', `log-group:${logGroupName}:*`)],
        why: 'Streams of the function’s own log group are named by Lambda.',
      },
      ...props.statements,
    ],
  });
  const code = new Asset(stack, `${id}Code`, { path: bundleFolder(handler) });
  const made = new CfnFunction(stack, id, {
    functionName,
    description: props.description,
    runtime: 'nodejs24.x',
    architectures: [settings.architecture],
    handler: `${handler}.handler`,
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    role: role.attrArn,
    environment: { variables: { ...props.environment } },
    timeout: props.timeoutSeconds ?? 120,
    memorySize: props.memoryMiB ?? 512,
    loggingConfig: { logFormat: 'JSON', logGroup: logGroupName },
  });
  made.addResourceDependency(logGroup);
  return made;
}

/** `backup/admit-slot` → `BackupAdmitSlot` */
export const pascal = (handler: string) =>
  handler
    .split(/[/-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
