import { lastProof, type LastProof } from '../escrow/offline/last-proof.ts';
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
  const missing = places.filter(
    (place) => !ofCurrent.some((one) => one.place === place && one.state.offlineFiles.some(({ recipients }) => recipients === wanted)),
  );
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
  const proofs = new Map<string, LastProof>();
  for (const [fingerprint, copies] of Map.groupBy(
    versions.map(({ state }) => state),
    (state) => state.fingerprint,
  )) {
    const proof = lastProof(copies, wanted, now);
    if (proof) proofs.set(fingerprint, proof);
  }
  const proof = proofs.get(current ?? '');
  if (proof && !proof.hasPassed) {
    const text = `Its offline file did not give the current value when witnesses last looked, in the run ${proof.run}`;
    return [{ colour: 'red', code: 'offline-failed', text, since: instantOfRun(proof.run) }];
  }
  if (proof?.madeAgain !== undefined) {
    const text = `Its offline file was made again by the run ${proof.madeAgain}, and no witness has seen the files give the key since`;
    return [{ colour: 'amber', code: 'offline-unproven', text, since: instantOfRun(proof.madeAgain) }];
  }
  if (!proof) {
    const text = 'No witness ever saw its offline file for the recipients of the plan give the key';
    return [...proofs.values()].some(({ hasPassed }) => hasPassed)
      ? [
          {
            colour: 'amber',
            code: 'offline-unproven',
            text: `Witnesses saw the offline file of an earlier value open, not yet that of the current one`,
          },
        ]
      : [{ colour: 'no data', code: 'never-proven-offline', text }];
  }
  const at = instantOfRun(proof.run);
  const age = ageSeconds(at, now);
  if (age <= validSeconds) return [];
  const text = `Witnesses last saw its offline file give the key ${describeSeconds(age)} ago, and ${describeSeconds(validSeconds)} are allowed`;
  return [{ colour: 'amber', code: 'offline-proof-too-old', text, since: later(at, validSeconds) }];
}
