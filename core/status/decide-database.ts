import { describeSeconds, durationSeconds } from '../plan/durations.ts';
import { peopleSeconds } from '../plan/feasibility.ts';
import { unacceptedObjectives, type Objective } from '../plan/objectives.ts';
import type { Duration } from '../plan/schema.ts';
import { statusOf, type Reason, type Status } from './colour.ts';
import { describeNotRestorable, findMissingKeys, type KnownKeys } from '../restore/missing-keys.ts';
import type { OfflineTerms } from '../restore/key-needs.ts';
import { judgeUsed, type KeyWatches } from './decide-used.ts';
import type { JudgedDatabase } from './judged.ts';
import { limitOf, objectiveLimit, type Limit } from './limits.ts';
import type { PointSummary } from '../vault/summarize-point.ts';
import { drillsOfPoints, type DrillSummary } from './summary.ts';
import { ageSeconds, isAhead, later, newestOf } from './time.ts';

export type DatabaseState = {
  asset: JudgedDatabase;
  /** Every point of the asset, in any order. */
  points: readonly PointSummary[];
  /** Drills by their evidence, in any order; those that the points tell of are counted besides. */
  drills: readonly DrillSummary[];
  /** The status of each key asset that this one needs. */
  neededKeys: Readonly<Record<string, Status>>;
  /** What is known of the values of these keys, by which a point is restorable or not. */
  knownKeys?: KnownKeys;
  /** Whom the plan keeps them offline for. */
  offline?: OfflineTerms;
  keyWatches?: KeyWatches | undefined;
  /** Since when the plan is due for its review, and why; absent when it is not. */
  reviewDue?: ReviewDue | undefined;
};

/** The colour of a database asset. All that is wrong is said, worst first. */
export function decideDatabaseColour(state: DatabaseState, now: Date): Status {
  const { asset } = state;
  const drills = [...state.drills, ...drillsOfPoints(state.points)];
  const good = `Verified within ${describeSeconds(limitOfPoints(asset).seconds)} and restored within ${describeSeconds(limitOfDrills(asset).seconds)}`;
  return statusOf(
    [
      ...judgePoints(state, drills, now),
      ...judgeDrills(asset, drills, now),
      ...judgeKeys(state),
      ...judgeUsed(asset, state.keyWatches ?? {}),
      ...judgeRestorable(state, now),
      ...judgeMeasured(asset, drills, now),
      ...reviewReason(state.reviewDue, now),
      ...gapReasons(asset.gaps),
    ],
    good,
  );
}

export const limitOfPoints = (asset: JudgedDatabase): Limit => limitOf(asset, 'rpo', asset.objectives.rpo, asset.schedule.longestRun);
const limitOfDrills = (asset: JudgedDatabase): Limit => limitOf(asset, 'drill', asset.drill.period, asset.drill.schedule.longestRun);

function judgePoints({ asset, points }: DatabaseState, drills: readonly DrillSummary[], now: Date): Reason[] {
  const ahead = points.filter((point) => isAhead(point.consistentAt, now));
  const furthest = newestOf(ahead, (point) => point.consistentAt);
  const clock: Reason[] = furthest
    ? [
        {
          colour: 'amber',
          code: 'clock-ahead',
          text: `Point ${furthest.point} is dated ${furthest.consistentAt}, which is still to come: it does not count`,
        },
      ]
    : [];
  const verified = points.filter((point) => point.verifiedAt !== undefined && !ahead.includes(point));
  const newest = newestOf(verified, (point) => point.consistentAt);
  if (!newest) {
    const drill = newestOf(drills, ({ at }) => at);
    return drill
      ? [{ colour: 'red', code: 'points-gone', text: `There is no verified point, though a drill was held at ${drill.at}` }, ...clock]
      : [{ colour: 'no data', code: 'never-verified', text: 'No point was ever verified' }, ...clock];
  }
  const limit = limitOfPoints(asset);
  const age = ageSeconds(newest.consistentAt, now);
  if (age <= limit.seconds) return clock;
  const text = `The newest verified point is ${describeSeconds(age)} old, and ${describeSeconds(limit.seconds)} are allowed (${limit.why})`;
  return [{ colour: 'red', code: 'point-too-old', text, since: later(newest.consistentAt, limit.seconds) }, ...clock];
}

function judgeDrills(asset: JudgedDatabase, drills: readonly DrillSummary[], now: Date): Reason[] {
  const found: Reason[] = [];
  const decided = newestOf(
    drills.filter((drill) => drill.outcome !== 'could-not-run'),
    ({ at }) => at,
    ({ outcome }) => (outcome === 'failed' ? 1 : 0),
  );
  // A pass that is dated ahead is none; a failure counts whenever it says it was.
  const passed = newestOf(
    drills.filter((drill) => drill.outcome === 'passed' && !isAhead(drill.at, now)),
    ({ at }) => at,
  );
  if (decided?.outcome === 'failed')
    found.push({
      colour: 'red',
      code: 'drill-failed',
      text: `The last drill failed: ${decided.reasons[0] ?? decided.at}`,
      since: decided.at,
    });
  if (!passed) found.push({ colour: 'no data', code: 'never-restored', text: 'No point was ever restored in a drill' });
  else {
    const limit = limitOfDrills(asset);
    const age = ageSeconds(passed.at, now);
    const text = `The last passed drill was ${describeSeconds(age)} ago, and ${describeSeconds(limit.seconds)} are allowed (${limit.why})`;
    if (age > limit.seconds) found.push({ colour: 'red', code: 'drill-too-old', text, since: later(passed.at, limit.seconds) });
  }
  const last = newestOf(
    drills,
    ({ at }) => at,
    ({ outcome }) => (outcome === 'could-not-run' ? 1 : 0),
  );
  if (last?.outcome === 'could-not-run')
    found.push({ colour: 'amber', code: 'drill-could-not-run', text: `The last drill could not run: ${last.reasons[0] ?? last.at}` });
  return found;
}

/** A key that is merely unproven or has a gap of its own says so itself; here only whether the data could be read counts. */
function judgeKeys({ asset, neededKeys }: DatabaseState): Reason[] {
  return asset.needsKeys.flatMap((key): Reason[] => {
    const status = neededKeys[key];
    const worst = status?.reasons[0];
    if (status?.colour === 'red')
      return [{ colour: 'red', code: 'key-not-recoverable', text: `Its key ${key} is not known to be recoverable: ${worst?.text ?? ''}` }];
    if (status && status.reasons.filter(({ code }) => code === 'escrow-not-seen').length > 1)
      return [{ colour: 'no data', code: 'escrow-not-seen', text: `Not seen: the escrow of its key ${key}` }];
    const isUnseen = !status || status.reasons.some((reason) => reason.code === 'never-read-back');
    return isUnseen ? [{ colour: 'no data', code: 'never-read-back', text: `Its key ${key} was never read back from escrow` }] : [];
  });
}

/** The newest verified point is the one that would be taken. */
function judgeRestorable({ asset, points, knownKeys = {}, offline = {} }: DatabaseState, now: Date): Reason[] {
  const newest = newestOf(
    points.filter((point) => point.verifiedAt !== undefined && !isAhead(point.consistentAt, now)),
    (point) => point.consistentAt,
  );
  const missing = newest ? findMissingKeys(newest, { needsKeys: asset.needsKeys, offline }, knownKeys, now) : [];
  return newest && missing.length > 0
    ? [{ colour: 'red', code: 'not-restorable', text: `The newest verified point ${newest.point} is ${describeNotRestorable(missing)}` }]
    : [];
}

function judgeMeasured(asset: JudgedDatabase, drills: readonly DrillSummary[], now: Date): Reason[] {
  const passed = drills.filter((drill) => drill.outcome === 'passed' && !isAhead(drill.at, now));
  return (['rpo', 'rto'] as const).flatMap((objective): Reason[] => {
    const field = objective === 'rpo' ? 'rpoSeconds' : 'rtoSeconds';
    const newest = newestOf(
      passed.filter((drill) => drill[field] !== undefined),
      ({ at }) => at,
      (drill) => drill[field] ?? 0,
    );
    const seconds = newest?.[field];
    const people = objective === 'rto' ? peopleSeconds(asset, newest?.checkedSeconds) : 0;
    const name = objective.toUpperCase();
    const changed = unacceptedObjectives(asset.objectives).find((one) => one.objective === objective);
    const unaccepted: Reason[] = changed
      ? [
          {
            colour: 'amber',
            code: `${objective}-missed`,
            text: `The ${name} became ${asset.objectives[objective]}, since a drill measured ${describeSeconds(changed.seconds)}; nobody has accepted it yet`,
          },
        ]
      : [];
    const limit = objectiveLimit(asset, objective);
    if (seconds === undefined || seconds + people <= limit.seconds) return unaccepted;
    const more = people > 0 ? ` and the ${describeSeconds(people)} that people take, as the plan states it, are` : ' is';
    const text = `The measured ${name} of ${describeSeconds(seconds)}${more} over the ${describeSeconds(limit.seconds)} that are stated (${limit.why})`;
    return [{ colour: 'amber', code: `${objective}-missed`, text }, ...unaccepted];
  });
}

export const gapReasons = (gaps: JudgedDatabase['gaps']): Reason[] =>
  gaps.map(({ id, what, bound, objective }) => ({
    colour: 'amber',
    code: 'declared-gap',
    text: `Declared gap${id ? ` ${id}` : ''}: ${what}${bound && objective ? ` (until then ${boundText(objective, bound)})` : ''}`,
  }));

export const boundText = (objective: Objective, bound: Duration): string =>
  `${objective === 'drill' ? 'a drill every' : objective.toUpperCase()} ${describeSeconds(durationSeconds(bound))}`;

/** `at`: since when, where something tells. */
export type ReviewDue = { at?: string | undefined; why: string };

export const reviewReason = (due: ReviewDue | undefined, now: Date): Reason[] =>
  due !== undefined && (due.at === undefined || Date.parse(due.at) <= now.getTime())
    ? [
        {
          colour: 'amber',
          code: 'review-overdue',
          text: `The plan is due for its review${due.at === undefined ? '' : ` since ${due.at.slice(0, 10)}`}: ${due.why}`,
          ...(due.at === undefined ? {} : { since: due.at }),
        },
      ]
    : [];
