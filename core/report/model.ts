/** What an evidence page shows. Times are ISO 8601 in UTC, as the records have them; durations are seconds, sizes bytes. */
import type { CheckResult, DrillEvidence } from '../drill/contract.ts';
import type { ComparedObjective } from './compare-objectives.ts';
import type { Colour, Status } from '../status/colour.ts';
import type { PointSummary } from '../vault/summarize-point.ts';
import type { WrongReport } from './wrongs.ts';

export type ReportModel = {
  system: string;
  description: string | undefined;
  owner: string;
  operator: string;
  classification: string;
  home: string;
  replica: string;
  generatedAt: string;
  /** Version of Holdfast. */
  version: string;
  /** What it ran on: AWS, or an emulator and its version. */
  platform: string;
  colour: Colour;
  databases: DatabaseReport[];
  keys: KeyReport[];
  /** What is to be said of keys that left the plan and are still in escrow. */
  leftKeys?: readonly string[];
  runs: RunReport[];
  attempts: AttemptReport[];
  gaps: GapReport[];
  notShown: NotShown[];
  /** Worst first. */
  wrongs?: readonly WrongReport[];
  /** What could not be read, a sentence each. */
  notes?: readonly string[];
  /** Why what the other region held is not among drills and restores; undefined when it is. */
  otherRegionUnread?: string | undefined;
};

/** `notRestorable`: why, for each key that nobody could get back; none when it is restorable. */
export type PointReport = PointSummary & { notRestorable: string[] };

export type DatabaseReport = {
  id: string;
  description: string | undefined;
  status: Status;
  objectives: ObjectiveReport[];
  /** Newest first. */
  points: PointReport[];
  /** Newest first. */
  drills: DrillReport[];
};

export type ObjectiveReport = {
  name: 'RPO' | 'RTO';
  statedSeconds: number;
  /** What holds instead, and which declared gap says so. */
  accepted: { seconds: number; by: string } | undefined;
  /** Of the newest drill that passed; `on` is the kind of target, `people` what the plan states that they add to it. */
  measured: { seconds: number; on: string; people?: number | undefined } | undefined;
  verdict: ComparedObjective['verdict'];
};

export type DrillReport = {
  run: string;
  outcome: DrillEvidence['outcome'];
  at: string;
  point: string | undefined;
  from: 'vault' | 'replica' | undefined;
  reasons: string[];
  phases: { name: string; seconds: number }[];
  checks: CheckResult[];
  bytesRestored: number | undefined;
  isolation: string | undefined;
  target: string;
  notes: string[];
  /** Of the plan's scenarios, the one that was played. */
  scenario?: string | undefined;
  /** Until the last check. */
  seconds?: number | undefined;
};

/** A key that was got back, or with which a value was opened. `from`: which region's escrow, by which vault was drilled. */
export type KeyDrillReport = {
  at: string;
  asset: string;
  from: 'vault' | 'replica' | undefined;
  what: string;
  outcome: 'passed' | 'failed';
  measured: string;
  seconds: number | undefined;
};

export type KeyReport = {
  id: string;
  description: string | undefined;
  status: Status;
  /** Newest read-back first; a version appears once per region. */
  readBacks: { fingerprint: string; isCurrent: boolean; region: string; place: 'vault' | 'replica'; at: string; versionId: string }[];
  /** What somebody left in escrow beside its objects. */
  marks: string[];
  /** Undefined when there is no offline copy, and none is asked for. */
  offline: OfflineReport | undefined;
  /** Of each kind of drill the newest one. */
  lastDrills: LastKeyDrill[];
  /** Newest first. */
  drills: KeyDrillReport[];
};

/** `wanted`: the id of the plan's recipients. */
export type OfflineReport = {
  wanted: string | undefined;
  /** Those of the current value first. */
  files: { fingerprint: string; isCurrent: boolean; recipients: string; isWanted: boolean; places: ('vault' | 'replica')[] }[];
  /** Newest first. */
  proofs: OfflineProofReport[];
};

/** What witnesses saw of the file of one value. `recipients`: whose shares opened it, where that is known. */
export type OfflineProofReport = {
  at: string;
  fingerprint: string;
  isCurrent: boolean;
  recipients: string | undefined;
  isWanted: boolean;
  outcome: 'passed' | 'failed';
  /** Undefined of one that failed, and where the plan does not say how long one counts. */
  validUntil: string | undefined;
  /** When another file was made, of which nobody had seen anything then. */
  madeAgainAt: string | undefined;
  witnesses: string[];
  seconds: number | undefined;
};

export type LastKeyDrill = {
  way: 'second-region' | 'offline-shares' | 'canary';
  last: { at: string; outcome: 'passed' | 'failed'; seconds: number | undefined } | undefined;
};

/** One execution of a machine. */
export type RunReport = {
  stage: string;
  asset: string | undefined;
  execution: string;
  startedAt: string;
  outcome: 'succeeded' | 'failed';
  /** In the order in which they started; `startSecond` counts from the start of the run. */
  steps: { name: string; startSecond: number; seconds: number; outcome: 'succeeded' | 'failed' }[];
};

export type AttemptReport = { role: string; attempt: string; isRefused: boolean; refusedBy: string; answer: string };

export type GapReport = {
  id: string | undefined;
  /** Id of an asset, or the whole plan. */
  scope: string;
  what: string;
  reason: string;
  bound: string | undefined;
};

/** Something that the platform of this page cannot show. */
export type NotShown = { what: string; why: string; shownBy: string };
