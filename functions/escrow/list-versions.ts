import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { secretSource } from '../../adapters/escrow/secret-source.ts';
import { ListVersionsEnvironment, ListVersionsRequest, type KeyVersion, type ListVersionsAnswer } from '../../core/escrow/contract.ts';
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { readKeySources, selectKeys, type KeySources } from '../../core/escrow/key-sources.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { runId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

export type ListVersionsPorts = { source: KeySource; keys: KeySources };
type Request = z.output<typeof ListVersionsRequest>;
type Answer = z.output<typeof ListVersionsAnswer>;

/** Every version of the secrets of the key assets asked for: ids only. */
export async function listVersions({ input, execution, startedAt }: Request, { source, keys }: ListVersionsPorts): Promise<Answer> {
  const run = runId(new Date(startedAt), execution);
  const versions: KeyVersion[] = [];
  for (const key of selectKeys(input, keys)) {
    const secret = keys[key]?.secret ?? '';
    const before = versions.length;
    for await (const secretVersion of source.listVersions(secret)) versions.push({ key, secretVersion, run });
    if (versions.length === before)
      throw new KeySourceUnavailable(
        'version-missing',
        `The secret '${secret}' of the key asset '${key}' has no version that could be read`,
      );
  }
  return { run, versions };
}

export const handler = handle({
  environment: ListVersionsEnvironment,
  request: ListVersionsRequest,
  connect: (environment): ListVersionsPorts => ({
    source: secretSource(new SecretsManagerClient(clientConfig({}))),
    keys: readKeySources(environment.KEYS),
  }),
  run: listVersions,
});
