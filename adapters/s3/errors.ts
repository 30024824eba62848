import { S3ServiceException } from '@aws-sdk/client-s3';
import { AccessRefused, ObjectArchived, ObjectMissing, StoreUnavailable } from '../../core/ports/object-errors.ts';

const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);
/** A status of 403 like a refusal's. */
const ARCHIVED = 'InvalidObjectState';
const REFUSED_STATUS = 403;

/** An upload that is gone is no missing object: its completion was done, and the answer lost, or somebody aborted it. Another try settles it. */
const NO_UPLOAD = 'NoSuchUpload';
export const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name !== NO_UPLOAD && (MISSING.has(error.name) || error.$metadata.httpStatusCode === 404);
export const isExisting = (error: unknown): boolean => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
/** Another conditional write of the same key is under way: S3 asks for a retry of the whole write. */
export const isConflict = (error: unknown): boolean => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 409;

/** The error as Holdfast tells it; `tried` reads like "write s3://bucket/key". */
export function storeError(error: unknown, tried: string): Error {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (isMissing(error)) return new ObjectMissing(tried, { cause: error });
  if (error instanceof S3ServiceException && error.name === ARCHIVED) return new ObjectArchived(tried, { cause: error });
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === REFUSED_STATUS)
    return new AccessRefused(tried, why, { cause: error });
  return new StoreUnavailable(tried, why, { cause: error });
}
