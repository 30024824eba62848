/** What witnesses saw of the offline files of one value, and what of it still counts. Pure. */
import { hasBegun } from '../../vault/ids.ts';
import type { KeyVersionState, OfflineResult } from '../key-state.ts';

/** What one place says of a value. */
type Copy = Pick<KeyVersionState, 'offlineFiles' | 'offlineProofs'>;

/** `madeAgain`: the run that has made another file than those that were seen, of which nobody has seen anything yet. */
export type LastProof = { run: string; hasPassed: boolean; madeAgain: string | undefined };

/**
 * What witnesses last saw of the files for these recipients, in whatever place it is written. A fact that does not name them is of the
 * only recipients that there are: of two it would be a guess whose shares opened which. What is dated ahead says nothing, of proofs
 * and of files alike: one file that is dated in years would take the worth of every proof until then.
 */
export function lastProof(copies: readonly Copy[], recipients: string, now: Date): LastProof | undefined {
  const files = copies.flatMap(({ offlineFiles }) => offlineFiles);
  const isOfOne = files.length > 0 && files.every((file) => file.recipients === recipients);
  return newestResult(
    copies
      .flatMap(({ offlineProofs }) => offlineProofs)
      .filter((one) => one.recipients === recipients || (one.recipients === undefined && isOfOne)),
    files.filter((file) => file.recipients === recipients),
    now,
  );
}

/** Witnesses saw an offline file give this value; none has seen since that it does not, and there is none that was made after it. */
export const isProvenOffline = (copies: readonly Copy[], now: Date): boolean =>
  lastProofs(copies, now).some(({ hasPassed, madeAgain }) => hasPassed && madeAgain === undefined);

/** Witnesses saw it once, and none has seen since that it does not: of a file that was made again one may hope so. */
export const wasProvenOffline = (copies: readonly Copy[], now: Date): boolean => lastProofs(copies, now).some(({ hasPassed }) => hasPassed);

/** One for each set of recipients. */
function lastProofs(copies: readonly Copy[], now: Date): LastProof[] {
  const files = copies.flatMap(({ offlineFiles }) => offlineFiles);
  const proofs = copies.flatMap(({ offlineProofs }) => offlineProofs);
  const named = new Set([...files, ...proofs].flatMap(({ recipients }) => recipients ?? []));
  const isOfOne = new Set(files.map(({ recipients }) => recipients)).size === 1;
  const unnamed = isOfOne
    ? undefined
    : newestResult(
        proofs.filter((one) => one.recipients === undefined),
        files,
        now,
      );
  return [...[...named].map((recipients) => lastProof(copies, recipients, now)), unnamed].flatMap((proof) => proof ?? []);
}

/**
 * Of what was seen at one time one file that gave the value is enough, whatever another beside it did: the medium has both. Facts
 * that do not name the recipients may be of two of them, and one that failed fails. What was seen of the file that was made last
 * counts before all that was seen of earlier ones, however lately: an old medium says nothing of a file that it does not have.
 */
function newestResult(results: readonly OfflineResult[], files: Copy['offlineFiles'], now: Date): LastProof | undefined {
  const seen = results.filter(({ run }) => hasBegun(run, now));
  const newestFirst = [...Map.groupBy(seen, ({ run }) => run.slice(0, INSTANT))].toSorted(([a], [b]) => (a < b ? 1 : -1));
  const lasts = newestFirst.flatMap(([, atOnce]) => resultOf(atOnce, files, now) ?? []);
  return lasts.find(({ madeAgain }) => madeAgain === undefined) ?? lasts[0];
}

function resultOf(atOnce: readonly OfflineResult[], files: Copy['offlineFiles'], now: Date): LastProof | undefined {
  const result =
    atOnce.find(({ recipients, hasPassed }) => recipients === undefined && !hasPassed) ??
    atOnce.find(({ hasPassed }) => hasPassed) ??
    atOnce[0];
  if (result === undefined) return undefined;
  // A large medium is recorded in portions: what any of them had was before the witnesses. What none had is the newest file for each.
  const since = atOnce.map((one) => madeAgainSince(files, one, now));
  return { run: result.run, hasPassed: result.hasPassed, madeAgain: since.includes(undefined) ? undefined : since[0] };
}

/** Characters of a run's id that say when it began. */
const INSTANT = '20261121T020000Z'.length;

/**
 * The newest run that made a file again which witnesses did not have before them: one that was made after the last that they had, or,
 * where it is not known which they had, after they looked. No proof is older than a first file, which has no run.
 */
export const madeAgainSince = (
  files: Copy['offlineFiles'],
  { file, run: seen }: Pick<OfflineResult, 'file' | 'run'>,
  now: Date,
): string | undefined =>
  files
    .map(({ run }) => run)
    .filter((run) => hasBegun(run, now) && (file === undefined ? run >= seen : run > file))
    .toSorted()
    .at(-1);
