/** What the overview of a system shows besides its records: everything that is compared, counted or drawn. Seconds, bytes, UTC. */
import type { Colour } from '../../status/colour.ts';
import type { ComparedObjective } from '../compare-objectives.ts';
import type { MeasuredRestore } from '../measured-restores.ts';
import type { RestoreFailure } from '../../restore/result.ts';
import type { Way } from '../../prices/estimate.ts';

export type Overview = {
  freshness: Freshness[];
  trends: Trend[];
  calendar: RunCalendar;
  locks: LockState[];
  holds: HoldReport[];
  restores: RestoreReport[];
  /** What began and did not come through: no restore, and no measured time. */
  failedRestores: readonly RestoreFailure[];
  price: Way;
  controls: ControlAnswer[];
};

/** How old the newest verified data is. `allowedSeconds`: the RPO, or what a gap lets stand in for it, and one run. */
export type Freshness = {
  asset: string;
  colour: Colour;
  /** Undefined when there is no verified point. */
  ageSeconds: number | undefined;
  statedSeconds: number;
  allowedSeconds: number;
};

/**
 * Oldest first. Only drills that measured a time. `verdict` is that of the newest that passed, with what people add to it; `isLastFailed`:
 * the newest that could run did not pass.
 */
export type Trend = {
  asset: string;
  verdict: ComparedObjective['verdict'];
  taken: { seconds: number; people: number } | undefined;
  isLastFailed: boolean;
  statedSeconds: number;
  allowedSeconds: number;
  drills: { at: string; seconds: number; outcome: 'passed' | 'failed'; target: string }[];
};

/**
 * What came of the slots of a day, the worst of them. `lost`: a point was there, is gone and did not expire; `unknown`: nothing is left
 * of a slot so old, since points expire; `none`: no slot, or none that is over, or from before there was any point.
 */
export type DayState = 'verified' | 'unverified' | 'missed' | 'lost' | 'unknown' | 'none';
/** Of the slots: `unknown` those of which nothing can be left, `before` those from before the first point that there is any trace of. */
export type RunDay = Record<'slots' | 'verified' | 'unverified' | 'missed' | 'lost' | 'unknown' | 'before', number> & {
  day: string;
  state: DayState;
};
export type RunCalendar = {
  /** Days in UTC, oldest first. */
  days: string[];
  rows: { asset: string; days: RunDay[]; drills: { day: string; outcome: 'passed' | 'failed' | 'could-not-run'; scenario?: string }[] }[];
};

/** `points`, `verified`, `signed` and `replicated` of all that are listed; locks of the newest, `read` of them, whose records were read. */
export type LockState = {
  asset: string;
  points: number;
  verified: number;
  signed: number;
  replicated: number;
  read: number;
  locked: number;
  /** When the first lock ends that still holds, and the last one. */
  firstEnd: string | undefined;
  lastEnd: string | undefined;
  /** Of locks that hold: a privileged role can lift those of governance. */
  modes: Record<'governance' | 'compliance', number>;
  /** From the commit of the newest replicated point to its copy. */
  lagSeconds: number | undefined;
  held: number;
};

export type HoldReport = { asset: string; point: string; hold: string; at: string; by: string; reason: string };

/** `statedSeconds`: the RTO; undefined of an asset that is no longer in the plan. */
export type RestoreReport = MeasuredRestore & { statedSeconds: number | undefined };

/** One thing that a norm asks for, and what this system has to show for it. */
export type ControlAnswer = {
  norm: 'ISO/IEC 27001:2022, A.8.13' | 'SOC 2, A1.2';
  asks: string;
  answer: string;
  state: 'shown' | 'partly' | 'not shown';
  seeIn: string;
};
