import { KMSServiceException } from '@aws-sdk/client-kms';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { AccessRefused, StoreUnavailable } from '../../core/ports/object-errors.ts';

const REFUSED = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'ExpiredTokenException',
]);

/**
 * A KMS error as Holdfast tells it.
 * @param tried reads like "use the KMS key arn:… to encrypt"
 */
export function kmsError(error: unknown, tried: string): Error {
  const name = error instanceof Error ? error.name : 'UnknownError';
  const why = `${name}: ${error instanceof Error ? error.message : 'no message'}`;
  const options = { cause: error };
  if (name === 'DisabledException') return new KeyNotRecoverable('key-disabled', `Could not ${tried}: the key is disabled`, options);
  if (name === 'KMSInvalidStateException')
    return new KeyNotRecoverable('key-pending-deletion', `Could not ${tried}: the state of the key forbids it (${why})`, options);
  if (name === 'NotFoundException') return new KeyNotRecoverable('key-missing', `Could not ${tried}: there is no such key`, options);
  if (name === 'InvalidCiphertextException' || name === 'IncorrectKeyException')
    return new KeyNotRecoverable('envelope-altered', `Could not ${tried}: KMS does not recognise the wrapped data key`, options);
  if (REFUSED.has(name) || (error instanceof KMSServiceException && error.$metadata.httpStatusCode === 403))
    return new AccessRefused(tried, why, options);
  return new StoreUnavailable(tried, why, options);
}
