import { GetSecretValueCommand, paginateListSecretVersionIds } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KeySourceUnavailable, type SourceReason } from '../../core/escrow/errors.ts';
import type { KeySource } from '../../core/escrow/ports.ts';

/** Keys in Secrets Manager. */
export const secretSource = (client: SecretsManagerClient): KeySource => ({
  async *listVersions(secret) {
    try {
      // Deprecated versions carry no label and go with time: values that older data still needs are among them.
      for await (const page of paginateListSecretVersionIds({ client }, { SecretId: secret, IncludeDeprecated: true }))
        for (const version of page.Versions ?? []) if (version.VersionId) yield version.VersionId;
    } catch (error) {
      throw sourceError(error, `list the versions of the secret '${secret}'`, 'secret-missing');
    }
  },

  async read(secret, versionId) {
    try {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: secret, VersionId: versionId }));
      const isCurrent = answer.VersionStages?.includes('AWSCURRENT') ?? false;
      if (answer.SecretBinary !== undefined) return { content: { kind: 'binary', bytes: answer.SecretBinary }, isCurrent };
      return { content: { kind: 'text', text: answer.SecretString ?? '' }, isCurrent };
    } catch (error) {
      throw sourceError(error, `read version ${versionId} of the secret '${secret}'`, 'version-missing');
    }
  },
});

const REASONS: Record<string, SourceReason> = {
  AccessDeniedException: 'refused',
  UnrecognizedClientException: 'refused',
  ExpiredTokenException: 'refused',
  DecryptionFailure: 'undecryptable',
  // A secret that is scheduled for deletion answers so.
  InvalidRequestException: 'secret-missing',
};

/** @param missing what ResourceNotFoundException means for this call */
function sourceError(error: unknown, tried: string, missing: SourceReason): KeySourceUnavailable {
  const name = error instanceof Error ? error.name : 'UnknownError';
  const reason = name === 'ResourceNotFoundException' ? missing : (REASONS[name] ?? 'unavailable');
  return new KeySourceUnavailable(reason, `Could not ${tried} (${name})`, { cause: error });
}
