import { lastProof, type OfflineResult } from '../escrow/key-state.ts';
import { recipientsId } from '../escrow/offline/recipients.ts';
import { valuesWithoutFile } from '../escrow/offline/without-file.ts';
import { describeSeconds, durationSeconds } from '../plan/durations.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { Reason } from './colour.ts';
import type { JudgedKey } from './judged.ts';
import type { KeySummary } from './summary.ts';
import { ageSeconds, later } from './time.ts';

type Place = 'vault' | 'replica';
const NAMED_VALUES = 3;

/**
 * What is wrong with the offline copies of a key. The file counts once witnesses saw it give the value in use; that an earlier
 * value’s did says that shares and custodians are there, and is no more than amber.
 */
export function judgeOffline(
  { escrow: { offline } }: JudgedKey,
  { current, versions }: KeySummary,
  places: readonly Place[],
  placeNames: Record<Place, string>,
  now: Date,
): Reason[] {
  // What was never read back says so itself.
  if (!offline || current === undefined) return [];
  const wanted = recipientsId(offline.recipients);
  const ofCurrent = versions.filter(({ state }) => state.fingerprint === current);
  const missing = places.filter((place) => !ofCurrent.some((one) => one.place === place && one.state.offlineFor.includes(wanted)));
  const stored = missing.map((place): Reason => {
    const text = `The current value has no offline file in ${placeNames[place]} for the recipients of the plan`;
    return { colour: 'amber', code: 'offline-missing', text };
  });
  const earlier = valuesWithoutFile(
    versions.map(({ state }) => state),
    wanted,
  ).filter((fingerprint) => fingerprint !== current);
  const named = earlier.slice(0, NAMED_VALUES).map((fingerprint) => fingerprint.slice(0, 12));
  const more = earlier.length > NAMED_VALUES ? ` and ${earlier.length - NAMED_VALUES} more` : '';
  if (earlier.length > 0)
    stored.push({
      colour: 'amber',
      code: 'offline-missing',
      text: `Earlier values have no offline file for the recipients of the plan: ${named.join(', ')}${more}`,
    });
  return [...stored, ...judgeProof({ current, versions }, wanted, durationSeconds(offline.proofValid), now)];
}

function judgeProof(
  { current, versions }: Pick<KeySummary, 'current' | 'versions'>,
  wanted: string,
  validSeconds: number,
  now: Date,
): Reason[] {
  // Shares of another ceremony open another file: what they did says nothing of the one that there is now.
  const results = versions.flatMap(({ state }) => {
    const result = lastProof(state, wanted);
    return result ? [{ ...result, isOfCurrent: state.fingerprint === current }] : [];
  });
  const newest = (found: readonly OfflineResult[]) =>
    found
      .map(({ run }) => run)
      .toSorted()
      .at(-1);
  const ofCurrent = results.filter(({ isOfCurrent }) => isOfCurrent);
  const failed = newest(ofCurrent.filter(({ hasPassed }) => !hasPassed));
  if (failed !== undefined) {
    const text = `Its offline file did not give the current value when witnesses last looked, in the run ${failed}`;
    return [{ colour: 'red', code: 'offline-failed', text, since: instantOfRun(failed) }];
  }
  const proven = newest(ofCurrent);
  if (proven === undefined) {
    const text = 'No witness ever saw its offline file for the recipients of the plan give the key';
    return results.some(({ hasPassed }) => hasPassed)
      ? [
          {
            colour: 'amber',
            code: 'offline-unproven',
            text: `Witnesses saw the offline file of an earlier value open, not yet that of the current one`,
          },
        ]
      : [{ colour: 'no data', code: 'never-proven-offline', text }];
  }
  const at = instantOfRun(proven);
  const age = ageSeconds(at, now);
  if (age <= validSeconds) return [];
  const text = `Witnesses last saw its offline file give the key ${describeSeconds(age)} ago, and ${describeSeconds(validSeconds)} are allowed`;
  return [{ colour: 'amber', code: 'offline-proof-too-old', text, since: later(at, validSeconds) }];
}
