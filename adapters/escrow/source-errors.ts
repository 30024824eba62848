import { KeySourceUnavailable, type SourceReason } from '../../core/escrow/errors.ts';

const REASONS: Record<string, SourceReason> = {
  AccessDeniedException: 'refused',
  AccessDenied: 'refused',
  UnrecognizedClientException: 'refused',
  ExpiredTokenException: 'refused',
  DecryptionFailure: 'undecryptable',
  InvalidKeyId: 'undecryptable',
  // A secret that is scheduled for deletion answers so.
  InvalidRequestException: 'secret-missing',
  ParameterNotFound: 'secret-missing',
  ParameterVersionNotFound: 'version-missing',
};

/**
 * An error of Secrets Manager or Parameter Store as Holdfast tells it: its name, for its text may quote what was asked.
 * @param missing what ResourceNotFoundException means for this call
 */
export function sourceError(error: unknown, tried: string, missing: SourceReason): KeySourceUnavailable {
  const name = error instanceof Error ? error.name : 'UnknownError';
  const reason = name === 'ResourceNotFoundException' ? missing : (REASONS[name] ?? 'unavailable');
  return new KeySourceUnavailable(reason, `Could not ${tried} (${name})`, { cause: error });
}
