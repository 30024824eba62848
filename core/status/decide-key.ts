import { isRecoverable } from '../escrow/key-state.ts';
import { isProvenOffline } from '../escrow/offline/last-proof.ts';
import { describeSeconds } from '../plan/durations.ts';
import { instantOfRun } from '../vault/ids.ts';
import { statusOf, type Reason, type Status } from './colour.ts';
import { gapReasons, reviewReason, type ReviewDue } from './decide-database.ts';
import type { JudgedDatabase, JudgedKey, JudgedPlan } from './judged.ts';
import { judgeCopies } from './judge-copies.ts';
import { judgeOffline } from './decide-offline.ts';
import { judgeUsed, type KeyWatches } from './decide-used.ts';
import { limitOf, type Limit } from './limits.ts';
import { PLACE_NAMES } from './places.ts';
import type { KeySummary } from './summary.ts';
import { ageSeconds, isAhead, later, newestOf } from './time.ts';

export type KeyState = {
  asset: JudgedKey;
  summary: KeySummary;
  /** The database assets whose drills open a value with this key. */
  provenBy: readonly JudgedDatabase[];
  /** Where the read-backs are looked at: a watcher sees those of its own region. Both when absent. */
  places?: readonly Place[] | undefined;
  keyWatches?: KeyWatches | undefined;
  reviewDue?: ReviewDue | undefined;
};

const UNGUARDED_TOLD_SECONDS = 7 * 86_400;
const PLACES = ['vault', 'replica'] as const;
type Place = (typeof PLACES)[number];

export const assetsThatProve = (plan: Pick<JudgedPlan, 'assets'>, key: string): JudgedDatabase[] =>
  plan.assets.filter(
    (asset): asset is JudgedDatabase => asset.kind === 'postgres' && asset.drill.canaries.some((canary) => canary.key === key),
  );

/** The colour of a key asset: verified by its read-back in both regions, proven by a value that a drill opened with the escrowed copy. */
export function decideKeyColour(state: KeyState, now: Date): Status {
  const places = state.places ?? PLACES;
  const seen = places.filter((place) => state.summary.seen?.includes(place) ?? true);
  const limit = limitOf(state.asset, 'rpo', state.asset.objectives.rpo, state.asset.escrow.schedule.longestRun);
  return statusOf(
    [
      ...judgeUsed(state.asset, state.keyWatches ?? {}),
      ...places.filter((place) => !seen.includes(place)).map(notSeen),
      ...judgeReadBacks(state.summary, seen, limit, now),
      ...judgeValues(state.summary, now),
      ...judgeCopies(state.summary),
      ...judgeRotations(state.summary, now),
      ...judgeProofs(state, now),
      ...judgeOffline(state.asset, state.summary, seen, PLACE_NAMES, now),
      ...reviewReason(state.reviewDue, now),
      ...gapReasons(state.asset.gaps),
    ],
    `Read back in ${state.places?.length === 1 ? 'this region' : 'both regions'} within ${describeSeconds(limit.seconds)}, and a drill opened a value with it`,
  );
}

/** That a place could not be read is no word against what is in it. */
const notSeen = (place: Place): Reason => ({
  colour: 'no data',
  code: 'escrow-not-seen',
  text: `Not seen: what there is of it in ${PLACE_NAMES[place]}, whose escrow could not be read`,
});

function judgeReadBacks({ current, readBacks }: KeySummary, places: readonly Place[], limit: Limit, now: Date): Reason[] {
  if (places.length === 0) return [];
  const counting = readBacks.filter((readBack) => !isAhead(readBack.at, now));
  if (counting.length === 0) return [{ colour: 'no data', code: 'never-read-back', text: 'No escrowed copy was ever read back' }];
  return places.flatMap((place): Reason[] => {
    const newest = newestOf(
      counting.filter((readBack) => readBack.place === place && readBack.fingerprint === current),
      ({ at }) => at,
    );
    if (!newest)
      return [{ colour: 'red', code: 'read-back-missing', text: `The current value was never read back in ${PLACE_NAMES[place]}` }];
    const age = ageSeconds(newest.at, now);
    if (age <= limit.seconds) return [];
    const text = `The last read-back in ${PLACE_NAMES[place]} was ${describeSeconds(age)} ago, and ${describeSeconds(limit.seconds)} are allowed (${limit.why})`;
    return [{ colour: 'red', code: 'read-back-too-old', text, since: later(newest.at, limit.seconds) }];
  });
}

/** Older points need older values: one that cannot be opened is lost for them, whatever the current one does. */
function judgeValues({ current, versions }: KeySummary, now: Date): Reason[] {
  return versions.flatMap(({ place, state }): Reason[] => {
    const { fingerprint, lostRun } = state;
    if (isRecoverable(state) || lostRun === undefined) return [];
    const which = fingerprint === current ? 'The current value' : `The earlier value ${fingerprint.slice(0, 12)}`;
    const copies = versions.flatMap((one) => (one.state.fingerprint === fingerprint ? one.state : []));
    const offline = isProvenOffline(copies, now) ? '; its offline file could, before a witness' : '';
    const text = `${which} could not be opened in ${PLACE_NAMES[place]} by the run ${lostRun}${offline}`;
    return [{ colour: 'red', code: 'value-lost', text, since: instantOfRun(lostRun) }];
  });
}

/** Told for some days: a value that was replaced before it was in escrow may be one that nobody has. */
function judgeRotations({ versions }: KeySummary, now: Date): Reason[] {
  // Of two versions with this value the later one may have been current when that run looked: nothing was replaced then.
  const told = versions.filter(({ state }) => state.unguardedRun !== undefined && !((state.currentRun ?? '') >= state.unguardedRun));
  const runs = new Set(told.flatMap(({ state }) => state.unguardedRun ?? []));
  return [...runs].toSorted().flatMap((run): Reason[] => {
    const began = instantOfRun(run);
    if (ageSeconds(began, now) > UNGUARDED_TOLD_SECONDS) return [];
    const text = `The run ${run} found a version that had been replaced before it was in escrow: a rotation went around the guard`;
    return [{ colour: 'amber', code: 'rotation-unguarded', text, since: began }];
  });
}

function judgeProofs({ summary, provenBy }: KeyState, now: Date): Reason[] {
  const { proofs } = summary;
  const last = newestOf(
    proofs,
    ({ at }) => at,
    ({ outcome }) => (outcome === 'failed' ? 1 : 0),
  );
  const failed: Reason[] =
    last?.outcome === 'failed'
      ? [
          {
            colour: 'red',
            code: last.isOfOtherValue ? 'value-not-opened' : 'canary-failed',
            text: `The last drill could not open a value with it (${last.reason})`,
            since: last.at,
          },
        ]
      : [];
  const passed = newestOf(
    proofs.filter((proof) => proof.outcome === 'passed' && !isAhead(proof.at, now)),
    ({ at }) => at,
  );
  if (!passed) {
    const text =
      provenBy.length > 0
        ? 'No drill has opened a value with the escrowed copy'
        : 'No drill of the plan opens a value with it: give one a canary';
    return [...failed, { colour: 'no data', code: 'never-proven', text }];
  }
  const limit = limitOfProof(provenBy);
  const age = ageSeconds(passed.at, now);
  if (!limit || age <= limit.seconds) return failed;
  const text = `A drill last opened a value with it ${describeSeconds(age)} ago, and ${describeSeconds(limit.seconds)} are allowed (${limit.why})`;
  return [...failed, { colour: 'red', code: 'canary-too-old', text, since: later(passed.at, limit.seconds) }];
}

/** Of several drills the most frequent one sets the limit: each of them proves the key. */
function limitOfProof(provenBy: readonly JudgedDatabase[]): Limit | undefined {
  return provenBy
    .map((asset) => limitOf(asset, 'drill', asset.drill.period, asset.drill.schedule.longestRun))
    .reduce<Limit | undefined>((least, next) => (least && least.seconds <= next.seconds ? least : next), undefined);
}
