import { HoldfastError } from '../failure/error.ts';
import { plural } from '../quantities.ts';

/** Something that was to be copied is not in the replica vault. */
export class CopyIncomplete extends HoldfastError {
  readonly failure = 'VaultUnavailable';
  constructor(where: string, what: string) {
    super(
      `The copy ${where} is not there as a whole: ${what}`,
      'Finish the point by `npx holdfast backup <asset> --finish <point>`: what was copied stays',
    );
  }
}

/** What is in the replica vault are not the bytes that the manifest names. */
export class CopyDiffers extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(where: string, what: string) {
    super(
      `The copy ${where} is not what the manifest names: ${what}`,
      'The point counts as not replicated. Verify it in the vault, and find out what changed the bytes on the way',
    );
  }
}

/** The copy is whole, and not locked as the plan says. */
export class CopyNotLocked extends HoldfastError {
  readonly failure = 'VaultUnavailable';
  constructor(where: string, what: string) {
    super(
      `The copy ${where} is not locked as it was told to be: ${what}`,
      'The point counts as not replicated until it is. Finish it by `npx holdfast backup <asset> --finish <point>`; if that says the same, look at the object lock of the replica bucket',
    );
  }
}

/** The daily comparison has brought what it could. */
export class RecordsDidNotFollow extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(count: number, first: unknown) {
    super(
      `${plural(count, 'record')} could not be copied to the replica; the first: ${first instanceof Error ? first.message : 'for no reason that was told'}`,
      'All others were copied. Mend what the message names; the next daily comparison brings the rest',
      { cause: first },
    );
  }
}
