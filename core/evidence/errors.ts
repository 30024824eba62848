import { HoldfastError } from '../failure/error.ts';

/** A signature that is there does not fit the object, or one that was just made cannot be verified. */
export class SignatureInvalid extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(key: string, reason: string) {
    super(
      `The signature of ${key} does not hold: ${reason}`,
      'Compare object and signature with the replica, and find out what was changed',
    );
  }
}

export class SigningKeyUnfit extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor() {
    super('The key that signs evidence is not one for ECDSA over P-256', 'Compare the key behind the alias with what was deployed');
  }
}
