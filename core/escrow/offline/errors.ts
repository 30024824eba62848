import type { FailureName } from '../../failure/classes.ts';
import { HoldfastError } from '../../failure/error.ts';

/** Why shares do not rebuild an identity. Messages name rows, numbers and ceremonies, never a character of a share. */
export type ShareReason =
  | 'too-short'
  | 'too-long'
  | 'wrong-character'
  | 'mistyped-row'
  | 'mixed-rows'
  | 'unknown-version'
  | 'too-few'
  | 'given-twice'
  | 'other-ceremony'
  | 'not-rebuilt';

const SHARE_ADVICE: Record<ShareReason, string> = {
  'too-short': 'Type all five rows of the sheet, twenty characters each, or scan its QR code',
  'too-long': 'Type the five rows of one sheet and nothing else: each custodian’s sheet is given by itself',
  'wrong-character': 'Compare that place with the sheet: the letters I, L, O and U are used nowhere',
  'mistyped-row': 'Compare that row with the sheet, character by character, and type it again',
  'mixed-rows': 'Type all five rows again from one sheet: these come from more than one',
  'unknown-version':
    'This sheet was printed by another version of Holdfast: combine it with that version, or by hand as docs/custodians.md says',
  'too-few': 'Ask further custodians: each of them adds one share',
  'given-twice': 'Ask another custodian: the same sheet, or a copy of it, adds nothing',
  'other-ceremony': 'Compare the ceremony that is printed at the top of each sheet, and use only sheets on which it is the same',
  'not-rebuilt': 'One of these shares was altered so that its own checksums hold: try the shares of other custodians',
};

/** A share, or several together, cannot be used. */
export class ShareUnusable extends HoldfastError {
  readonly failure = 'ShareUnusable' satisfies FailureName;
  readonly reason: ShareReason;
  constructor(reason: ShareReason, message: string, options?: { cause?: unknown }) {
    super(message, SHARE_ADVICE[reason], options);
    this.reason = reason;
  }
}

/** The shares of a new identity do not give it back. */
export class SplitUnsound extends HoldfastError {
  readonly failure = 'Unexpected' satisfies FailureName;
  constructor(numbers: readonly number[], options?: { cause?: unknown }) {
    super(
      `The new identity was split, and its shares ${numbers.join(', ')} do not give it back; nothing was printed`,
      'Hold the ceremony at another computer, and report this',
      options,
    );
  }
}

export type OfflineFileReason = 'other-identity' | 'damaged' | 'other-value';

const FILE_ADVICE: Record<OfflineFileReason, string> = {
  'other-identity':
    'Use the shares of the ceremony that the sheet of the medium names for this file, or another file of the same key that was made for this identity',
  damaged: 'Compare the medium with its SHA256SUMS, and take another medium, or export it again',
  'other-value': 'Find out who wrote this file; export it again, and open the online envelope of the key',
};

/** An offline file does not give its key. */
export class OfflineFileUnopened extends HoldfastError {
  readonly failure = 'KeyNotRecoverable' satisfies FailureName;
  readonly reason: OfflineFileReason;
  constructor(reason: OfflineFileReason, message: string, options?: { cause?: unknown }) {
    super(message, FILE_ADVICE[reason], options);
    this.reason = reason;
  }
}
