import { HoldfastError } from '../../core/failure/error.ts';

/** The point cannot be had in the form that was asked for. */
export class ExportRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(major: number, why: string, advice: string) {
    super(`The point cannot be exported for PostgreSQL ${major}, because ${why}`, advice);
  }
}
