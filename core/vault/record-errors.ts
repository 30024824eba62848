import { HoldfastError } from '../failure/error.ts';

/** A manifest, link, fact or claim is there, and is not what Holdfast writes. */
export class PointRecordDamaged extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(where: string, options?: { cause?: unknown }) {
    super(`${where} is not a record that Holdfast wrote`, 'Compare it with the replica, and find out who or what wrote it', options);
  }
}
