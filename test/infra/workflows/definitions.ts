/** The machines with plain names in place of what CDK fills in, and ways to walk them. */
import { auditWorkflow } from '../../../infra/audit/workflow.ts';
import { backupWorkflow } from '../../../infra/backup/workflow.ts';
import { drillWorkflow } from '../../../infra/drill/workflow.ts';
import { escrowWorkflow } from '../../../infra/escrow/workflow.ts';
import type { RestoreBlocks } from '../../../infra/restore/block.ts';
import { quiesceBlock, resumeBlock } from '../../../infra/quiesce/states.ts';
import { probeBlock } from '../../../infra/validation/states.ts';
import { holdWorkflow } from '../../../infra/lock/hold-workflow.ts';
import { restoreWorkflow } from '../../../infra/restore/workflow.ts';
import { retentionWorkflow } from '../../../infra/retention/workflow.ts';
import type { Stage } from '../../../core/names.ts';
import type { State, StateMachineDefinition, States } from '../../../infra/asl/definition.ts';

const system = 'ida';
const fn = (path: string) => `arn:aws:lambda:eu-central-1:000000000000:function:holdfast-ida-${path}`;
const cluster = 'arn:aws:ecs:eu-central-1:000000000000:cluster/holdfast-ida';
const network = (name: string) => ({ subnets: [`subnet-${name}`], securityGroups: [`sg-${name}`] });
const longestRuns = { 'ida-db': 3600, audit: 600 };
const reportFailure = fn('backup-report-failure');
const locks = { 'ida-db': { mode: 'governance', lengthDays: 30 }, audit: { mode: 'compliance', lengthDays: 7 } } as const;
const policy = { hotSeconds: 30 * 86_400, keepProven: 2, zone: 'Europe/Berlin' };

export const RESTORE_PARTS = {
  system,
  functions: {
    checkRequest: fn('restore-check-request'),
    retrievePoint: fn('restore-retrieve-point'),
    writeResult: fn('restore-write-result'),
    signObjects: fn('evidence-sign-objects'),
    lockObjects: fn('lock-lock-objects'),
    copyRecords: fn('copy-copy-records'),
    reportFailure,
  },
  cluster,
  restoreNetwork: network('source'),
  longestRuns,
  terms: { 'ida-db': { quiesce: true, validate: false }, audit: { quiesce: false, validate: false } },
  safetyBackup: {
    machineArn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:holdfast-ida-backup',
    longestSeconds: 5000,
    find: fn('restore-find-safety'),
  },
};

/** What is stopped, put back and probed of one of the two databases. */
const STEP = { name: 'api', kind: 'lambda', function: 'arn:aws:lambda:eu-central-1:000000000000:function:hold-the-api' };
export const AROUND: RestoreBlocks = {
  quiesce: (to) =>
    quiesceBlock(
      {
        functions: { stop: fn('quiesce-stop'), check: fn('quiesce-check') },
        stops: { 'ida-db': JSON.stringify({ steps: [STEP, { ...STEP, name: 'worker' }] }) },
      },
      to,
    ),
  resume: (to) => resumeBlock({ functions: { start: fn('quiesce-start') } }, to),
  probe: (to) =>
    probeBlock(
      {
        function: fn('validation-probe'),
        probes: { 'ida-db': JSON.stringify({ probes: [{ name: 'health', url: 'https://ida.example/health' }], logins: [] }) },
      },
      to,
    ),
  allowanceSeconds: 1800,
};

export const DRILL_PARTS = {
  system,
  functions: {
    choosePoint: fn('drill-choose-point'),
    retrievePoint: fn('restore-retrieve-point'),
    judgeDrill: fn('drill-judge-drill'),
    signObjects: fn('evidence-sign-objects'),
    lockObjects: fn('lock-lock-objects'),
    copyRecords: fn('copy-copy-records'),
    reportFailure,
  },
  cluster,
  drillNetwork: network('isolated'),
  longestRuns,
  objectives: { 'ida-db': { rpoSeconds: 90_000, rtoSeconds: 14_400 }, audit: { rpoSeconds: 3600, rtoSeconds: 3600 } },
};

export const DEFINITIONS: Record<Stage, StateMachineDefinition> = {
  backup: backupWorkflow({
    system,
    functions: {
      admitSlot: fn('backup-admit-slot'),
      lockObjects: fn('lock-lock-objects'),
      planCopy: fn('copy-plan-copy'),
      copyParts: fn('copy-copy-parts'),
      completeCopy: fn('copy-complete-copy'),
      signObjects: fn('evidence-sign-objects'),
      recordPoint: fn('record-record-point'),
      copyRecords: fn('copy-copy-records'),
      reportFailure,
    },
    cluster,
    dumpNetwork: network('source'),
    verifyNetwork: network('isolated'),
    longestRuns,
    locks,
  }),
  escrow: escrowWorkflow({
    system,
    functions: {
      listVersions: fn('escrow-list-versions'),
      escrowVersion: fn('escrow-escrow-version'),
      readBack: fn('escrow-read-back'),
      listOlder: fn('escrow-list-older'),
      renewLocks: fn('escrow-renew-locks'),
      writeEvidence: fn('escrow-write-evidence'),
      recordProof: fn('escrow-record-proof'),
      signObjects: fn('evidence-sign-objects'),
      lockObjects: fn('lock-lock-objects'),
      copyRecords: fn('copy-copy-records'),
      reportFailure,
    },
    longestRuns: { 'wallet-key': 900 },
  }),
  drill: drillWorkflow(DRILL_PARTS),
  restore: restoreWorkflow({ ...RESTORE_PARTS, blocks: AROUND }),
  audit: auditWorkflow({
    system,
    expected: { buckets: [], keys: [] },
    sources: [],
    logins: { needed: [], toCome: [] },
    assets: ['audit', 'ida-db'].map((asset) => ({ asset, term: { mode: 'governance', lengthDays: 30 }, policy })),
    evidence: { mode: 'governance', lengthDays: 3650 },
    functions: {
      beginAudit: fn('audit-begin-audit'),
      checkSettings: fn('audit-check-settings'),
      checkObjects: fn('audit-check-objects'),
      writeEvidence: fn('audit-write-evidence'),
      signObjects: fn('evidence-sign-objects'),
      lockObjects: fn('lock-lock-objects'),
      copyRecords: fn('copy-copy-records'),
      reportFailure,
    },
  }),
  hold: holdWorkflow({
    system,
    functions: {
      recordHold: fn('lock-record-hold'),
      signObjects: fn('evidence-sign-objects'),
      holdObjects: fn('lock-hold-objects'),
      lockObjects: fn('lock-lock-objects'),
      copyRecords: fn('copy-copy-records'),
      reportFailure,
    },
  }),
  retention: retentionWorkflow({
    system,
    bucket: 'holdfast-ida-vault',
    policies: { 'ida-db': { ...policy, cold: { afterSeconds: 30 * 86_400, class: 'glacier-ir' } }, audit: policy },
    locks,
    functions: {
      listAssets: fn('retention-list-assets'),
      findDue: fn('lock-find-due'),
      holdObjects: fn('lock-hold-objects'),
      decidePoints: fn('retention-decide-points'),
      expirePoints: fn('retention-expire-points'),
      sweepAttempts: fn('retention-sweep-attempts'),
      markCold: fn('retention-mark-cold'),
      writeEvidence: fn('retention-write-evidence'),
      signObjects: fn('evidence-sign-objects'),
      lockObjects: fn('lock-lock-objects'),
      copyRecords: fn('copy-copy-records'),
      reportFailure,
    },
  }),
};

/** The states of a machine and of every Map in it, each level with where it starts. */
export type Level = { startAt: string; states: States };
export function levels(machine: { StartAt: string; States: States }, maps: 'all' | 'inline' = 'all'): Level[] {
  const inner = Object.values(machine.States).flatMap((state) =>
    state.Type === 'Map' && (maps === 'all' || state.ItemProcessor.ProcessorConfig.Mode === 'INLINE')
      ? levels(state.ItemProcessor, maps)
      : [],
  );
  return [{ startAt: machine.StartAt, states: machine.States }, ...inner];
}

export const allStates = (machine: StateMachineDefinition): [string, State][] =>
  levels(machine).flatMap(({ states }) => Object.entries(states));

/** Where a state may lead to, its failures included. */
export function targets(state: State): string[] {
  const next = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  const caught = 'Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Next) : [];
  const chosen = state.Type === 'Choice' ? [...state.Choices.map((rule) => rule.Next), state.Default] : [];
  return [...next, ...caught, ...chosen];
}

export function reachableFrom(start: string, states: States): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states[name];
    if (seen.has(name) || state === undefined) continue;
    seen.add(name);
    open.push(...targets(state));
  }
  return seen;
}

/** Every text of a value, with the path that leads to it. */
export function texts(value: unknown, path = ''): { path: string; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}/${key}`));
}
