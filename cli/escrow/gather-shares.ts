/** Takes the shares of custodians, typed by rows or scanned, until there are enough. */
import { combineShares } from '../../adapters/escrow/offline/secret-sharing.ts';
import { ShareUnusable } from '../../core/escrow/offline/errors.ts';
import { inFours } from '../../core/escrow/offline/identity.ts';
import { checkAgainst, joinShares } from '../../core/escrow/offline/join-shares.ts';
import { readRow, readShare, type Share } from '../../core/escrow/offline/share-text.ts';
import type { Frame } from '../frame.ts';
import { AskingInterrupted } from './errors.ts';
import { AnswersEnded, openQuestions, type Questions } from './questions.ts';

const ROWS = 5;
export type GatheredIdentity = { secret: Uint8Array; recipient: string; ceremony: string; numbers: number[] };

/** The caller overwrites `secret`. Throws ShareUnusable, AskingInterrupted. */
export async function gatherIdentity(frame: Frame): Promise<GatheredIdentity> {
  const questions = openQuestions(frame);
  const shares: Share[] = [];
  try {
    do {
      const share = await gatherShare(shares, questions);
      shares.push(share);
      const missing = share.threshold - shares.length;
      questions.tell(
        `Share ${share.number} of ${share.shares}, ceremony ${inFours(share.ceremony)}. ${missing > 0 ? `${missing} more, please.` : 'These are enough.'}`,
      );
    } while (shares.length < (shares[0]?.threshold ?? 1));
    const joined = await joinShares(shares, combineShares);
    return { ...joined, numbers: shares.map(({ number }) => number) };
  } catch (error) {
    if (!(error instanceof AnswersEnded)) throw error;
    // What was piped in is all there is: it is said what is missing of it.
    if (shares.length > 0 && !questions.isAsked) await joinShares(shares, combineShares);
    throw new AskingInterrupted('Taking the shares');
  } finally {
    for (const { bytes } of shares) bytes.fill(0);
    questions.close();
  }
}

/** One more share that goes with the earlier ones. At a terminal what is wrong is told and asked for again; in a pipe it ends the run. */
async function gatherShare(earlier: readonly Share[], questions: Questions): Promise<Share> {
  for (;;) {
    const share = await unlessUnusable(
      questions,
      async () => readShare(await askRows(earlier.length + 1, questions)),
      // The rows are off the screen: this stands below them.
      (error) => questions.tell(`${error.message}. ${error.advice}.`),
    );
    if (share === undefined) continue;
    try {
      checkAgainst(earlier, share);
      return share;
    } catch (error) {
      share.bytes.fill(0);
      if (!(error instanceof ShareUnusable) || !questions.isAsked) throw error;
      questions.tell(`${error.message}. ${error.advice}.`);
    }
  }
}

/** The text of a whole share: five rows that are each as printed, or what a scanner typed. */
async function askRows(ordinal: number, questions: Questions): Promise<string> {
  const rows: string[] = [];
  while (rows.length < ROWS) {
    const row = rows.length + 1;
    const typed = await questions.ask(row === 1 ? `Share ${ordinal}: scan the QR code, or type row 1: ` : `Row ${row}: `);
    if (typed.trim() === '') continue;
    if (row === 1 && isWhole(typed)) {
      questions.replaceAnswer('Scanned.');
      return typed;
    }
    await unlessUnusable(
      questions,
      () => {
        readRow(typed, row);
        rows.push(typed);
        questions.replaceAnswer(`Row ${row} is as it was printed.`);
      },
      (error) => questions.replaceAnswer(`${error.message}: compare it with the sheet and type it again.`),
    );
  }
  return rows.join('\n');
}

/** @returns undefined when it was told, and can be asked for again */
async function unlessUnusable<T>(
  { isAsked }: Questions,
  act: () => T | Promise<T>,
  tell: (error: ShareUnusable) => void,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ShareUnusable) || !isAsked) throw error;
    tell(error);
    return undefined;
  }
}

/** Longer than any row: what a scanner types. */
const isWhole = (typed: string) => typed.replaceAll(/[\s-]/g, '').length > 40;
