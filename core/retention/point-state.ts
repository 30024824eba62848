/** All that a decision about a point asks of it. */
export type PointState = {
  point: string;
  /** Of its slot. */
  instant: Date;
  verified: boolean;
  /** Whether its newest drill passed. */
  proven: boolean;
  replicated: boolean;
  lockedUntil?: Date | undefined;
  /** Names of the holds that are on it. */
  holds: readonly string[];
  /** Points that cannot be restored without it. */
  neededBy: readonly string[];
  /** A delete marker hides its manifest. It is a point like any other: what hid it is the audit's matter. */
  hidden: boolean;
  /** A tombstone is there: what goes on is finished. */
  tombstoned: boolean;
  /** Why what is called its tombstone is none: it counts as if that were not there, and stays until somebody has looked at it. */
  falseTombstone?: string | undefined;
  /** Why its records cannot be read. */
  unreadable?: string | undefined;
};

/** Verified, readable, and not about to go. */
export const isGood = ({ verified, tombstoned, unreadable }: PointState): boolean => verified && !tombstoned && unreadable === undefined;

/** Two points of one instant are told apart by their names. */
export const compareAge = (a: PointState, b: PointState): number =>
  a.instant.getTime() - b.instant.getTime() || (a.point < b.point ? -1 : a.point > b.point ? 1 : 0);
