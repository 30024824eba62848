/** What a watcher has seen of an asset: keys by listing, and the few records that its findings need. */
import type { DrillEvidence } from '../drill/contract.ts';
import type { KeyVersionState } from '../escrow/key-state.ts';
import type { KeySummary } from '../status/summary.ts';
import type { Fact, DrilledFact } from '../vault/facts.ts';
import type { PointSummary } from '../vault/summarize-point.ts';

/** By its keys alone. `isExpired`: a tombstone is there, with or without the rest of it. */
export type SeenPoint = { point: string; isCommitted: boolean; isExpired: boolean; isSigned: boolean; kinds: ReadonlySet<Fact['kind']> };

export type SeenDatabase = {
  kind: 'postgres';
  /** Those of the time that is looked back upon, and older ones where they had to be looked at. */
  points: readonly SeenPoint[];
  /** When there first was anything of it; undefined when there never was. */
  beginsAt: Date | undefined;
  /** Of points that were read: the newest verified one is among them. */
  summaries: readonly PointSummary[];
  /** The newest drills, by the facts of the points that were drilled. */
  drills: readonly DrilledFact[];
  /** Of these drills, where the asset has canaries. */
  evidences: readonly DrillEvidence[];
  damaged: readonly { point: string; text: string }[];
};

export type SeenKey = {
  kind: 'key';
  beginsAt: Date | undefined;
  current: string | undefined;
  readBacks: KeySummary['readBacks'];
  /** What this region's escrow knows of every value. */
  states: readonly KeyVersionState[];
  /** When the runs began that read the key back. */
  runs: readonly Date[];
};

/** A result that could not be had is no empty one. */
export type NotSeen = { kind: 'not-seen'; text: string };
export type Seen = SeenDatabase | SeenKey | NotSeen;
