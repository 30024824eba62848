/** All that fields of a plan mean to each other and to AWS's limits, in one list. The shape of each field is `parsePlan`'s. */
import { checkAccepted } from './checks/accepted.ts';
import { checkApplication } from './checks/application.ts';
import { checkApprovals } from './checks/approvals.ts';
import { checkCanaries } from './checks/canaries.ts';
import { checkCold } from './checks/cold.ts';
import { checkCompliance, checkComplianceOfEvidence } from './checks/compliance.ts';
import { checkDataLimit } from './checks/data-limit.ts';
import { checkDrillLength, checkDrillPeriod, checkDrillSql, checkReplicaDrill } from './checks/drill.ts';
import { checkFeasibility } from './checks/feasibility.ts';
import { checkGaps } from './checks/gaps.ts';
import { checkNeededKeys, checkRotation, checkSecrets } from './checks/keys.ts';
import { checkLockLimits, checkLockOutlastsDetection, checkRetentionOutlastsLock } from './checks/lock.ts';
import { checkAssetIds, checkNameLengths } from './checks/names.ts';
import { checkNetwork } from './checks/network.ts';
import { checkOwnership } from './checks/ownership.ts';
import { checkApprovers } from './checks/people.ts';
import { checkAccounts, checkAlarmTopic, checkRegions } from './checks/places.ts';
import { checkRestoreTest } from './checks/restore-test.ts';
import { checkForever, checkWindows } from './checks/retention.ts';
import { checkQuiesce } from './checks/quiesce.ts';
import { checkReview } from './checks/review.ts';
import { checkRpo } from './checks/rpo.ts';
import type { Rule } from './checks/rule.ts';
import { checkScenarios } from './checks/scenarios.ts';
import { checkSchedules } from './checks/schedules.ts';
import { checkScope } from './checks/scope.ts';
import { checkEnvironmentSizes, checkStackSize } from './checks/sizes.ts';
import { checkSkippedRuns } from './checks/skipped-runs.ts';
import { checkDumpOptions, checkRdsLogin, checkRestoreLogin, checkTls } from './checks/source.ts';
import { checkDrillMemory, checkTaskSize, checkWorkers } from './checks/task.ts';
import { checkFollowUps, checkValidation } from './checks/validation.ts';
import { checkTiers } from './checks/tiers.ts';
import type { Finding } from './finding.ts';
import type { ProtectionPlan } from './schema.ts';

export type { Finding } from './finding.ts';

const RULES: readonly Rule[] = [
  checkAssetIds,
  checkNameLengths,
  checkSchedules,
  checkSkippedRuns,
  checkRpo,
  checkDrillPeriod,
  checkDrillLength,
  checkReplicaDrill,
  checkDrillSql,
  checkApplication,
  checkLockOutlastsDetection,
  checkRetentionOutlastsLock,
  checkWindows,
  checkForever,
  checkCold,
  checkLockLimits,
  checkCompliance,
  checkComplianceOfEvidence,
  checkDataLimit,
  checkRegions,
  checkAccounts,
  checkAlarmTopic,
  checkNeededKeys,
  checkCanaries,
  checkSecrets,
  checkRotation,
  checkApprovers,
  checkApprovals,
  checkNetwork,
  checkTls,
  checkRdsLogin,
  checkDumpOptions,
  checkRestoreLogin,
  checkQuiesce,
  checkValidation,
  checkFollowUps,
  checkTaskSize,
  checkWorkers,
  checkDrillMemory,
  checkEnvironmentSizes,
  checkStackSize,
  checkOwnership,
  checkScope,
  checkRestoreTest,
  checkScenarios,
  checkTiers,
  checkFeasibility,
  checkAccepted,
  checkReview,
  checkGaps,
];

const WORST_FIRST = ['error', 'warning', 'gap'] as const satisfies readonly Finding['severity'][];

/** Worst first; a plan without a finding of severity `error` may be deployed. `now` decides about clock changes and dates. */
export function checkPlan(plan: ProtectionPlan, now: Date): Finding[] {
  const findings = RULES.flatMap((rule) => rule(plan, now));
  return WORST_FIRST.flatMap((severity) => findings.filter((found) => found.severity === severity));
}
