/** How long restores took, beside what was promised, and who signed them off. Pure. */
import type { RestoreFollowUp, RestoreResult } from '../restore/result.ts';
import { describePart } from '../restore/selection.ts';
import type { RestoreTarget } from '../restore/target.ts';
import { recoverySeconds, type RecoveryTimes } from '../restore/times.ts';
import type { SignOff } from '../sign-off/records.ts';
import { isNothing, spentText, wordTimes } from './time-words.ts';
import { outcomeOf } from './evidence/describe-restore.ts';
import type { DescribedEvidence } from './evidence/model.ts';

export type MeasuredRestore = {
  asset: string;
  at: string;
  run: string;
  point: string;
  /** The replica, when it was restored from there; not said where only one region was read. */
  from?: 'replica';
  /** What it was measured on: a restore beside is no recovery of what people use. */
  target: RestoreTarget;
  /** Which part of the point it was; undefined of all of it. */
  part?: string | undefined;
  /** As far as it is known; undefined of records of earlier releases, of restores that failed, and of those of a part: that recovers nothing. */
  seconds: number | undefined;
  times: RecoveryTimes;
  /** Whether people could work with it, in the words of its evidence. */
  outcome: DescribedEvidence['outcome'];
  signed: { by: string; at: string } | undefined;
  /** When it was undone: what it brought is in use no more. */
  undoneAt: string | undefined;
  /** Name of the database that was replaced and may still be there. */
  kept: string | undefined;
};

/** Newest first. What people said in a sign-off stands for what the plan stated. */
export const measureRestores = (
  results: readonly RestoreResult[],
  signOffs: readonly SignOff[],
  followUps: readonly RestoreFollowUp[] = [],
): MeasuredRestore[] =>
  results
    .map((result): MeasuredRestore => {
      const signOff = signOffs.find(({ run }) => run === result.run);
      const part = describePart(result.selection ?? {});
      const times = signOff?.times ?? result.times ?? {};
      return {
        asset: result.asset,
        at: result.finishedAt,
        run: result.run,
        point: result.point,
        target: result.target ?? 'beside',
        ...(part === undefined ? {} : { part }),
        // One that failed in the end is no recovery until somebody says so.
        seconds: part !== undefined || (result.failed !== undefined && signOff === undefined) ? undefined : recoverySeconds(times),
        times,
        outcome: outcomeOf(result),
        undoneAt: followUps.find(({ action, of }) => action === 'undo' && of === result.run)?.finishedAt,
        signed: signOff && { by: signOff.by.person, at: signOff.at },
        kept: result.kept,
      };
    })
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));

/** Whether it is one that people worked with: it came through, or somebody signed that it is good, and nobody undid it. */
export const stands = ({ outcome, signed, undoneAt }: MeasuredRestore): boolean =>
  undoneAt === undefined && (outcome.colour === 'green' || signed !== undefined);

export const TARGET_WORDS = {
  beside: 'a new database on the server of the source',
  'in-place': 'in place, on the server of the source',
  'drop-and-create': 'dropped and made anew, on the server of the source',
  'clean-replay': 'replayed into the database itself',
} as const satisfies Record<RestoreTarget, string>;

/** What was made of the point, and on what. */
export const placeOf = ({ target, part, from }: Pick<MeasuredRestore, 'target' | 'part' | 'from'>): string =>
  `${part === undefined ? '' : `a part (${part}): `}${TARGET_WORDS[target]}${from === 'replica' ? ', from the replica vault' : ''}`;

/** What the time was made of, a phrase each; empty when nothing is known of that. */
export const describeTimes = (times: RecoveryTimes): string =>
  wordTimes(times)
    .filter(({ name, seconds }) => !isNothing(name, seconds))
    .map(({ word, seconds }) => `${word.toLowerCase()} ${spentText(seconds)}`)
    .join(', ');
