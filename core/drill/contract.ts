/** What the drill machine, its functions and its task say to one another. */
import * as z from 'zod';
import { VaultSide } from '../vault/side.ts';
import { StatedTimes } from './stated-times.ts';

/**
 * Input of the machine: the asset, and a point other than the newest verified one. `from`, where it is given, is what the machine drills:
 * each region's own reads the vault that is there.
 */
export const DrillInput = z.strictObject({
  asset: z.string(),
  point: z.string().optional(),
  from: VaultSide.optional(),
  /** Name of one of the plan's scenarios: what is left to restore from, how late it is noticed, and what is checked besides. */
  scenario: z.string().optional(),
});

/** What of the plan's scenarios choosing a point depends on, by name; it stands in the machine's definition. */
export const DrillScenarios = z.record(
  z.string(),
  z.object({ assets: z.array(z.string()), from: VaultSide, noticedAfterSeconds: z.number().optional() }),
);
export type DrillScenarios = z.infer<typeof DrillScenarios>;

export const ChoosePointRequest = z.object({
  input: z.unknown(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  scenarios: DrillScenarios.optional(),
});

/** Which of the points it was. Absent in records of earlier releases. */
const PointTaken = {
  /** Whether it was the newest that could be restored: only then does its age say how much would be lost. */
  isNewest: z.boolean().optional(),
  /** When the damage was done that a scenario plays, where it is noticed late: no later point would be of use. */
  damagedAt: z.iso.datetime({ offset: false }).optional(),
};

export const ChosenPoint = z.object({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  from: VaultSide,
  scenario: z.string().optional(),
  ...PointTaken,
});
export const ChoosePointAnswer = z.discriminatedUnion('found', [
  z.object({ found: z.literal(true), ...ChosenPoint.shape }),
  /** `error`: the point is there and must not be restored; absent when there is none. */
  z.object({
    found: z.literal(false),
    ...ChosenPoint.partial({ point: true, from: true }).shape,
    reason: z.string(),
    error: z.object({ Error: z.string(), Cause: z.string() }).optional(),
  }),
]);
export const ChoosePointEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  /** Which of the two vaults `VAULT_BUCKET` is. */
  FROM: VaultSide,
  ASSETS: z.string(),
  /** Of this region: what is in escrow there is listed, and nothing of it read. */
  ESCROW_BUCKET: z.string(),
  /** JSON of KeyNeeds (../restore/key-needs.ts). */
  NEEDS: z.string(),
});

/** The container `runner` of the drill task. The container `database` gets an empty environment and shares one socket directory. */
export const DrillEnvironment = z.object({
  SYSTEM: z.string(),
  ASSET_PLAN: z.string(),
  /** The vault of this region, which the point is read from and the result written to. */
  VAULT_BUCKET: z.string(),
  /** Which of the two vaults that is. */
  FROM: VaultSide,
  ESCROW_BUCKET: z.string(),
  ESCROW_KEY_ARN: z.string(),
  /** Directory of the throwaway server's Unix socket, shared by the two containers. */
  DATABASE_SOCKET_DIR: z.string(),
  /** Shared with the container of the application that is brought up; absent where there is none. */
  APPLICATION_DIR: z.string().optional(),
  POINT: z.string(),
  RUN: z.string(),
  TRY: z.string(),
  /** Name of the scenario that is played; empty for a plain drill. */
  SCENARIO: z.string().default(''),
  /** JSON: the scenarios of this asset with the checks that each adds. */
  SCENARIOS: z.string().default('[]'),
});

export const CheckResult = z.strictObject({
  name: z.string(),
  kind: z.enum(['bytes', 'restore', 'freshness', 'row-count', 'large-objects', 'sql', 'canary', 'application', 'http', 'login']),
  outcome: z.enum(['passed', 'failed']),
  /** Numbers only: never a row of the database. */
  expected: z.string(),
  measured: z.string(),
  /** How long it took to get a key back, or to open a value with it. */
  seconds: z.number().optional(),
});
export type CheckResult = z.infer<typeof CheckResult>;

/** `evidence/<system>/<YYYY>/drill-result-<run>.json`: what the runner measured, before anybody judged it. */
export const DrillResult = z.strictObject({
  format: z.literal('holdfast/drill-result/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  from: VaultSide,
  startedAt: z.iso.datetime({ offset: false }),
  finishedAt: z.iso.datetime({ offset: false }),
  manifestSha256: z.string(),
  /** The data point: its age when the drill started is the measured RPO. */
  consistentAt: z.iso.datetime({ offset: false }),
  /** Seconds of each phase, in order. */
  phases: z.array(
    z.strictObject({
      name: z.enum(['retrieve', 'check-bytes', 'start-database', 'restore', 'checks', 'keys', 'application', 'remove']),
      seconds: z.number(),
    }),
  ),
  checks: z.array(CheckResult),
  bytesRestored: z.int(),
  isolation: z.enum(['own-uid', 'user-namespace', 'trusted-dump-only']),
  /** Empty when the drill ended before there was a server. */
  serverVersion: z.string(),
  /** In what the restored database differs from its source by design: another locale, an extension left out. */
  notes: z.array(z.string()),
  /** What the plan stated of people then. */
  stated: StatedTimes.optional(),
});
export type DrillResult = z.infer<typeof DrillResult>;

/** Of the asset, as the plan states them. They come with the request: of many assets they would not fit into an environment. */
const Objectives = z.object({
  rpoSeconds: z.number(),
  rtoSeconds: z.number(),
  /** What a declared gap lets stand in for the RTO, where that is longer. */
  gapRtoSeconds: z.number().optional(),
});
export type Objectives = z.infer<typeof Objectives>;

export const JudgeRequest = z.object({
  system: z.string(),
  asset: z.string(),
  run: z.string(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  point: z.string().optional(),
  from: VaultSide.optional(),
  objectives: Objectives,
  scenario: z.string().optional(),
  ...PointTaken,
  /** How long the data was retrieved from cold storage before the task began. */
  retrievalSeconds: z.number().optional(),
  /** Why no point could be chosen, or what the failed task said. */
  reason: z.string().optional(),
  error: z.object({ Error: z.string(), Cause: z.string().default('') }).optional(),
});
export const JudgeAnswer = z.object({
  outcome: z.enum(['passed', 'failed', 'could-not-run']),
  evidence: z.string(),
  keys: z.array(z.string()),
  reasons: z.array(z.string()),
});
export type JudgeAnswer = z.infer<typeof JudgeAnswer>;
export const JudgeEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

/** `evidence/<system>/<YYYY>/drill-<run>.json`: the record that is signed and locked. */
export const DrillEvidence = z.strictObject({
  format: z.literal('holdfast/drill-evidence/v1'),
  system: z.string(),
  asset: z.string(),
  run: z.string(),
  execution: z.string(),
  outcome: z.enum(['passed', 'failed', 'could-not-run']),
  reasons: z.array(z.string()),
  point: z.string().optional(),
  from: VaultSide.optional(),
  /** Of the plan's scenarios, the one that was played. */
  scenario: z.string().optional(),
  ...PointTaken,
  startedAt: z.iso.datetime({ offset: true }),
  judgedAt: z.iso.datetime({ offset: false }),
  result: DrillResult.optional(),
  /** Objective beside measured, in seconds; the RPO is the age of the newest data point when the drill started. */
  objectives: z.strictObject(Objectives.shape),
  measured: z.strictObject({
    rpoSeconds: z.number().optional(),
    /** In place of the RPO, of a point that was not the newest. */
    dataAgeSeconds: z.number().optional(),
    /** From the data point to the damage: what a scenario loses of what was there before it. */
    lossSeconds: z.number().optional(),
    rtoSeconds: z.number().optional(),
    retrievalSeconds: z.number().optional(),
    target: z.string(),
  }),
  /** What a recovery is made of: the measured RTO, and what nobody had to do for a drill, as the plan states it (`stated` says which). */
  times: z
    .strictObject({
      detectionSeconds: z.number().optional(),
      approvalSeconds: z.number().optional(),
      retrievalSeconds: z.number().optional(),
      restoreSeconds: z.number().optional(),
      validationSeconds: z.number().optional(),
      followUpSeconds: z.number().optional(),
    })
    .optional(),
  stated: z.array(StatedTimes.keyof()).optional(),
});
export type DrillEvidence = z.infer<typeof DrillEvidence>;

/** What the machine ends with when the drill is passed; otherwise it fails. */
export const DrillOutput = z.object({
  outcome: z.literal('passed'),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  from: VaultSide,
  run: z.string(),
  evidence: z.string(),
});
