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
      const share = await gatherShare(shares.length + 1, questions, isAsked(frame));
      try {
        checkAgainst(shares, share);
      } catch (error) {
        share.bytes.fill(0);
        if (!(error instanceof ShareUnusable) || !isAsked(frame)) throw error;
        questions.tell(`${error.message}. ${error.advice}.`);
        continue;
      }
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
    if (shares.length > 0 && !isAsked(frame)) await joinShares(shares, combineShares);
    throw new AskingInterrupted('Taking the shares');
  } finally {
    for (const { bytes } of shares) bytes.fill(0);
    questions.close();
  }
}

/** At a terminal what is wrong is told and asked for again; in a pipe it ends the run. */
const isAsked = ({ stdin }: Frame) => 'isTTY' in stdin && stdin.isTTY === true;

async function gatherShare(ordinal: number, questions: Questions, mayAskAgain: boolean): Promise<Share> {
  const rows: string[] = [];
  while (rows.length < ROWS) {
    const row = rows.length + 1;
    const typed = await questions.ask(row === 1 ? `Share ${ordinal}: scan the QR code, or type row 1: ` : `Row ${row}: `);
    if (typed.trim() === '') continue;
    if (row === 1 && isWhole(typed)) {
      try {
        const share = readShare(typed);
        questions.replaceAnswer('Scanned.');
        return share;
      } catch (error) {
        if (!(error instanceof ShareUnusable) || !mayAskAgain) throw error;
        questions.replaceAnswer(`${error.message}. ${error.advice}.`);
        continue;
      }
    }
    try {
      readRow(typed, row);
      rows.push(typed);
      questions.replaceAnswer(`Row ${row} is as it was printed.`);
    } catch (error) {
      if (!(error instanceof ShareUnusable) || !mayAskAgain) throw error;
      questions.replaceAnswer(`${error.message}: compare it with the sheet and type it again.`);
    }
  }
  return readShare(rows.join('\n'));
}

/** Longer than any row: what a scanner types. */
const isWhole = (typed: string) => typed.replaceAll(/[\s-]/g, '').length > 40;
