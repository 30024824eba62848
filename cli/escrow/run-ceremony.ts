/** The ceremony: makes the offline identity, gives each custodian a sheet, lets each read a part of it back, and forgets all of it. */
import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { splitNewIdentity } from '../../adapters/escrow/offline/secret-sharing.ts';
import { ShareUnusable } from '../../core/escrow/offline/errors.ts';
import { inFours } from '../../core/escrow/offline/identity.ts';
import { LONGEST_NAME } from '../../core/escrow/offline/people.ts';
import { renderSheet, sheetName } from '../../core/escrow/offline/sheet.ts';
import { readRow, shareRows, type Share } from '../../core/escrow/offline/share-text.ts';
import type { Frame } from '../frame.ts';
import { closeDirectory, openDirectory, writeRecord } from './ceremony-directory.ts';
import { CeremonyInterrupted } from './errors.ts';
import { AnswersEnded, openQuestions, type Questions } from './questions.ts';
import { destroyFiles, writeSecretFile } from './secret-files.ts';

export type CeremonyWish = {
  shares: number;
  threshold: number;
  custodians: string[];
  purpose: string;
  directory: string;
  keepsSheets: boolean;
};
/** What may be known of a ceremony: `ceremony.json`. */
export type CeremonyRecord = {
  format: 'holdfast/ceremony/v1';
  ceremony: string;
  recipient: string;
  purpose: string;
  date: string;
  threshold: number;
  shares: { number: number; custodian: string; readBackAt: string }[];
};

const ROWS = 5;

/** `unwritten`: why the files of the record are not in the directory. */
export type HeldCeremony = { record: CeremonyRecord; unwritten: string | undefined };

/** Throws UsageWrong, SecretNotWritten, CeremonyInterrupted: then nothing of it is left but what is named. */
export async function runCeremony(frame: Frame, wish: CeremonyWish): Promise<HeldCeremony> {
  const { directory } = wish;
  const wasThere = openDirectory(directory);
  const written: string[] = [];
  let shares: Share[] = [];
  const questions = openQuestions(frame);
  try {
    warnOfNetwork(questions);
    const custodians = await nameCustodians(wish, questions);
    const made = await splitNewIdentity(wish.shares, wish.threshold);
    ({ shares } = made);
    const date = frame.now().toISOString().slice(0, 10);
    const record: CeremonyRecord = {
      format: 'holdfast/ceremony/v1',
      ceremony: made.ceremony,
      recipient: made.recipient,
      purpose: wish.purpose,
      date,
      threshold: wish.threshold,
      shares: [],
    };
    questions.tell(`Ceremony ${inFours(made.ceremony)}: ${wish.shares} shares, any ${wish.threshold} of them rebuild the identity.`);
    for (const [index, share] of shares.entries()) {
      const custodian = custodians[index] ?? '';
      const sheet = join(directory, sheetName(share.number, custodian));
      written.push(sheet);
      writeSecretFile(sheet, renderSheet(share, { purpose: wish.purpose, custodian, date, recipient: made.recipient }));
      await readBack(share, custodian, sheet, questions);
      record.shares.push({ number: share.number, custodian, readBackAt: frame.now().toISOString() });
      share.bytes.fill(0);
      if (wish.keepsSheets) continue;
      const left = destroyFiles([sheet]);
      if (left.length > 0) questions.tell(`Destroy it by hand, it could not be done here: ${left.join(', ')}`);
    }
    // Last: where these are, the ceremony was held to its end.
    const unwritten = writeRecord(directory, recordFiles(record));
    if (unwritten !== undefined) closeDirectory(directory, wasThere, []);
    return { record, unwritten };
  } catch (error) {
    const left = [...destroyFiles(written), ...closeDirectory(directory, wasThere, written)];
    if (error instanceof AnswersEnded) throw new CeremonyInterrupted(directory, left, written.length > 0);
    if (left.length > 0) questions.tell(`Destroy it by hand, it could not be done here: ${left.join(', ')}`);
    throw error;
  } finally {
    for (const { bytes } of shares) bytes.fill(0);
    questions.close();
  }
}

/** The identity never leaves this process; a machine that nobody reaches is still the better place for it. */
function warnOfNetwork(questions: Questions): void {
  const reached = Object.entries(networkInterfaces()).filter(([, addresses]) => addresses?.some(({ internal }) => !internal));
  if (reached.length > 0)
    questions.tell(
      `This machine is connected (${reached.map(([name]) => name).join(', ')}). The ceremony uses no network: unplug it, and hold the ceremony again if this one counts.`,
    );
}

async function nameCustodians({ custodians, shares }: CeremonyWish, questions: Questions): Promise<string[]> {
  const names = [...custodians];
  while (names.length < shares) {
    const name = (await questions.ask(`Name of custodian ${names.length + 1} of ${shares}: `)).trim();
    if (name === '' || names.includes(name)) questions.tell('A name of its own for each custodian, please.');
    else if (name.length > LONGEST_NAME) questions.tell(`A name of at most ${LONGEST_NAME} characters, please.`);
    else names.push(name);
  }
  return names;
}

/** One row, chosen now, typed from the paper: a sheet that was not printed, or not legibly, is found while it can be printed again. */
async function readBack(share: Share, custodian: string, sheet: string, questions: Questions): Promise<void> {
  questions.tell(`\nShare ${share.number} of ${share.shares}, ${custodian}: print ${sheet} and hand the paper to ${custodian}.`);
  const row = randomInt(1, ROWS + 1);
  const printed = Buffer.from(readRow(shareRows(share)[row - 1] ?? '', row));
  for (;;) {
    const typed = await questions.ask(`${custodian}, type row ${row} from your sheet: `);
    try {
      const isRight = printed.equals(readRow(typed, row));
      questions.replaceAnswer(isRight ? `Row ${row} is as it was printed.` : `Row ${row} is that of another sheet.`);
      if (isRight) return;
    } catch (error) {
      if (!(error instanceof ShareUnusable)) throw error;
      questions.replaceAnswer(`${error.message}: compare it with the sheet and type it again.`);
    }
  }
}

const recordFiles = (record: CeremonyRecord) => ({
  'recipient.txt': `${record.recipient}\n`,
  'ceremony.json': `${JSON.stringify(record, null, 2)}\n`,
});
