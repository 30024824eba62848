import { FAILURES } from '../failure/classes.ts';
import { HoldfastError } from '../failure/error.ts';

/** A key that is written once was there already. Whoever wrote it is the one that counts. */
export class ObjectExists extends HoldfastError {
  readonly failure = 'Unexpected';
  constructor(where: string, options?: { cause?: unknown }) {
    super(`${where} exists already, and is written only once`, 'Nothing was changed; read the object that is there', options);
  }
}

export class ObjectMissing extends HoldfastError {
  readonly failure = 'PointMissing';
  constructor(where: string, options?: { cause?: unknown }) {
    super(`${where} does not exist`, 'Run `npx holdfast list` for what is stored', options);
  }
}

/** The object is in a class of cold storage that gives no byte until it was retrieved. */
export class ObjectArchived extends HoldfastError {
  readonly failure = 'PointArchived';
  constructor(tried: string, options?: { cause?: unknown }) {
    super(`${tried} was refused: the object is in cold storage and has not been retrieved`, FAILURES.PointArchived.advice, options);
  }
}

export class AccessRefused extends HoldfastError {
  readonly failure = 'VaultRefused';
  constructor(tried: string, why: string, options?: { cause?: unknown }) {
    super(`${tried} was refused: ${why}`, 'Compare the policies of the role, the bucket and the key with what was deployed', options);
  }
}

export class StoreUnavailable extends HoldfastError {
  readonly failure = 'VaultUnavailable';
  constructor(tried: string, why: string, options?: { cause?: unknown }) {
    super(`${tried} failed: ${why}`, 'Check the health of the service and the way to it; trying again is safe', options);
  }
}

/** Bytes arrived that are not the bytes that were sent. */
export class BytesDiffer extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(where: string, what: string, options?: { cause?: unknown }) {
    super(`${where}: ${what}`, 'Do not use this object; another version, the replica or an older point may be whole', options);
  }
}
