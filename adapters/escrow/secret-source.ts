import { GetSecretValueCommand, paginateListSecretVersionIds } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
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
      throw sourceError(error, `list the versions of the secret '${name}'`, 'secret-missing');
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
      throw sourceError(error, `read version ${versionId} of the secret '${name}'`, 'version-missing');
    }
  },
});

/** A rotation that has just ended leaves both labels on its version. */
const labelOf = (stages: readonly string[]) =>
  stages.includes('AWSCURRENT') ? 'current' : stages.includes('AWSPENDING') ? 'pending' : 'old';
