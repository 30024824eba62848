import { DescribeSecretCommand, GetSecretValueCommand, paginateListSecretVersionIds } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KeySourceUnavailable, type SourceReason } from '../../core/escrow/errors.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { sourceError } from './source-errors.ts';

/** Keys in Secrets Manager. */
export const secretSource = (client: SecretsManagerClient): KeySource => ({
  async *listVersions({ name }) {
    try {
      // Deprecated versions carry no label and go with time: values that older data still needs are among them.
      for await (const page of paginateListSecretVersionIds({ client }, { SecretId: name, IncludeDeprecated: true }))
        for (const { VersionId, VersionStages = [] } of page.Versions ?? [])
          if (VersionId) yield { id: VersionId, label: labelOf(VersionStages) };
    } catch (error) {
      throw await secretError(client, name, error, `list the versions of the secret '${name}'`, 'secret-missing');
    }
  },

  async read({ name }, versionId) {
    try {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: name, VersionId: versionId }));
      const isCurrent = labelOf(answer.VersionStages ?? []) === 'current';
      if (answer.SecretBinary !== undefined) return { content: { kind: 'binary', bytes: answer.SecretBinary }, isCurrent };
      if (answer.SecretString === undefined) throw Object.assign(new Error('it has no value'), { name: 'ResourceNotFoundException' });
      return { content: { kind: 'text', text: answer.SecretString }, isCurrent };
    } catch (error) {
      throw await secretError(client, name, error, `read version ${versionId} of the secret '${name}'`, 'version-missing');
    }
  },
});

/** Reasons that a secret which is deleted, or gone, gives as well. */
const UNCLEAR: readonly SourceReason[] = ['secret-missing', 'version-missing', 'refused'];

/** A secret that is deleted refuses in words that fit other things too, and one that is gone like one that may not be read: it is asked for. */
async function secretError(client: SecretsManagerClient, name: string, error: unknown, tried: string, missing: SourceReason) {
  const told = sourceError(error, tried, missing);
  if (!UNCLEAR.includes(told.reason)) return told;
  try {
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    if (DeletedDate === undefined) return told;
    const deleted = `it is deleted, as of ${DeletedDate.toISOString().slice(0, 10)}, and goes for good when its recovery window ends`;
    return new KeySourceUnavailable('secret-deleted', `Could not ${tried}: ${deleted}`, { cause: error });
  } catch (unasked) {
    const isGone = unasked instanceof Error && unasked.name === 'ResourceNotFoundException';
    return isGone
      ? new KeySourceUnavailable('secret-missing', `Could not ${tried}: there is no secret of that name`, { cause: error })
      : told;
  }
}

/** A rotation that has just ended leaves both labels on its version. */
const labelOf = (stages: readonly string[]) =>
  stages.includes('AWSCURRENT') ? 'current' : stages.includes('AWSPENDING') ? 'pending' : 'old';
