import { isRecoverable } from '../escrow/key-state.ts';
import { isProvenOffline } from '../escrow/offline/last-proof.ts';
import { describeSeconds } from '../plan/durations.ts';
import { slotInstant } from '../vault/ids.ts';
import { statusOf, type Reason, type Status } from './colour.ts';
import { gapReasons, reviewReason, type ReviewDue } from './decide-database.ts';
import type { JudgedDatabase, JudgedKey, JudgedPlan } from './judged.ts';
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
  const limit = limitOf(state.asset, 'rpo', state.asset.objectives.rpo, state.asset.escrow.schedule.longestRun);
  return statusOf(
    [
      ...judgeUsed(state.asset, state.keyWatches ?? {}),
      ...judgeReadBacks(state.summary, state.places ?? PLACES, limit, now),
      ...judgeValues(state.summary, now),
      ...judgeRotations(state.summary, now),
      ...judgeProofs(state, now),
      ...judgeOffline(state.asset, state.summary, state.places ?? PLACES, PLACE_NAMES, now),
      ...reviewReason(state.reviewDue, now),
      ...gapReasons(state.asset.gaps),
    ],
    `Read back in ${state.places?.length === 1 ? 'this region' : 'both regions'} within ${describeSeconds(limit.seconds)}, and a drill opened a value with it`,
  );
}

function judgeReadBacks({ current, readBacks }: KeySummary, places: readonly Place[], limit: Limit, now: Date): Reason[] {
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
    return [{ colour: 'red', code: 'value-lost', text, ...since(lostRun) }];
  });
}

/** Told for some days: a value that was replaced before it was in escrow may be one that nobody has. */
function judgeRotations({ versions }: KeySummary, now: Date): Reason[] {
  const runs = new Set(versions.flatMap(({ state }) => state.unguardedRun ?? []));
  return [...runs].toSorted().flatMap((run): Reason[] => {
    const began = since(run);
    if (began.since !== undefined && ageSeconds(began.since, now) > UNGUARDED_TOLD_SECONDS) return [];
    const text = `The run ${run} found a version that had been replaced before it was in escrow: a rotation went around the guard`;
    return [{ colour: 'amber', code: 'rotation-unguarded', text, ...began }];
  });
}

/** The id of a run begins with the instant at which it began. */
function since(run: string): { since?: string } {
  const [id] = /^\d{8}T\d{6}Z/.exec(run) ?? [];
  return id === undefined ? {} : { since: slotInstant(id).toISOString() };
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
      ? [{ colour: 'red', code: 'canary-failed', text: `The last drill could not open a value with it (${last.reason})`, since: last.at }]
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
