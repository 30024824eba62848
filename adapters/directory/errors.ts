import { HoldfastError } from '../../core/failure/error.ts';

export class CopyUnreadable extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(directory: string, why: string, options?: { cause?: unknown }) {
    super(
      `${directory} is no copy of a vault: ${why}`,
      'Download one with `npx holdfast evidence download <directory>`, or with `aws s3 sync s3://<vault> <directory>`',
      options,
    );
  }
}
