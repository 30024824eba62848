/** The colour of an asset and why: what every list, report and alarm says, from one place. */

/** From worst to best. What went wrong is worse than what was never seen; nothing but green is good. */
export const COLOURS = ['red', 'no data', 'amber', 'green'] as const;
export type Colour = (typeof COLOURS)[number];

export type ReasonCode =
  | 'points-gone'
  | 'point-too-old'
  | 'drill-failed'
  | 'drill-too-old'
  | 'key-not-recoverable'
  | 'not-restorable'
  | 'value-lost'
  | 'value-in-one-region'
  | 'rotation-unguarded'
  | 'kms-key-endangered'
  | 'source-gone'
  | 'read-back-missing'
  | 'escrow-not-seen'
  | 'read-back-too-old'
  | 'canary-failed'
  | 'value-not-opened'
  | 'canary-too-old'
  | 'never-verified'
  | 'never-restored'
  | 'never-read-back'
  | 'never-proven'
  | 'drill-could-not-run'
  | 'rpo-missed'
  | 'rto-missed'
  | 'clock-ahead'
  | 'offline-missing'
  | 'offline-failed'
  | 'never-proven-offline'
  | 'offline-unproven'
  | 'offline-proof-too-old'
  | 'review-overdue'
  | 'declared-gap'
  | 'fresh-and-proven';

/** `since`: when it began to be true, where that can be told. */
export type Reason = { colour: Colour; code: ReasonCode; text: string; since?: string };

/** `reasons`: worst first, never empty. */
export type Status = { colour: Colour; reasons: Reason[] };

const rank = (colour: Colour) => COLOURS.indexOf(colour);

const worstOf = (colours: readonly Colour[]): Colour =>
  colours.reduce<Colour>((worst, next) => (rank(next) < rank(worst) ? next : worst), 'green');

/** @param whenGood the reason to give when nothing is wrong */
export function statusOf(reasons: readonly Reason[], whenGood: string): Status {
  const told: Reason[] = reasons.length > 0 ? [...reasons] : [{ colour: 'green', code: 'fresh-and-proven', text: whenGood }];
  return { colour: worstOf(told.map((reason) => reason.colour)), reasons: told.toSorted((a, b) => rank(a.colour) - rank(b.colour)) };
}

/** A system is as good as its worst asset; what its plan as a whole knowingly does not do keeps it from green. */
export const systemColour = (assets: readonly Status[], planGaps: number): Colour =>
  assets.length === 0 ? 'no data' : worstOf([...assets.map((status) => status.colour), ...(planGaps > 0 ? (['amber'] as const) : [])]);
