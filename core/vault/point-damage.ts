import { FAILURES } from '../failure/classes.ts';
import { HoldfastError } from '../failure/error.ts';

/** Stored bytes are not what the manifest says. Names the object and what differs. */
export class PointDamaged extends HoldfastError {
  readonly failure = 'PointDamaged';
  readonly key: string;
  constructor(key: string, what: string, options?: { cause?: unknown }) {
    super(`${key}: ${what}`, FAILURES.PointDamaged.advice, options);
    this.key = key;
  }
}
