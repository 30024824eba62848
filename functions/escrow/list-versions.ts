import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { secretSource } from '../../adapters/escrow/secret-source.ts';
import { ListVersionsEnvironment, ListVersionsRequest, type KeyVersion, type ListVersionsAnswer } from '../../core/escrow/contract.ts';
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { KeySourcesJson, selectKeys, type KeySources } from '../../core/escrow/key-sources.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { runId } from '../../core/vault/ids.ts';

export type ListVersionsPorts = { source: KeySource; keys: KeySources };

/** Every version of the secrets of the key assets asked for: ids only. */
export async function listVersions(ports: ListVersionsPorts, event: unknown): Promise<z.infer<typeof ListVersionsAnswer>> {
  const { input, execution, startedAt } = ListVersionsRequest.parse(event);
  const run = runId(new Date(startedAt), execution);
  const versions: KeyVersion[] = [];
  for (const key of selectKeys(input, ports.keys)) {
    const secret = ports.keys[key]?.secret ?? '';
    const before = versions.length;
    for await (const secretVersion of ports.source.listVersions(secret)) versions.push({ key, secretVersion, run });
    if (versions.length === before)
      throw new KeySourceUnavailable(
        'version-missing',
        `The secret '${secret}' of the key asset '${key}' has no version that could be read`,
      );
  }
  return { run, versions };
}

let ports: ListVersionsPorts | undefined;

export async function handler(event: unknown): Promise<z.infer<typeof ListVersionsAnswer>> {
  ports ??= portsFrom(ListVersionsEnvironment.parse(process.env));
  return await listVersions(ports, event);
}

const portsFrom = (environment: z.infer<typeof ListVersionsEnvironment>): ListVersionsPorts => ({
  source: secretSource(new SecretsManagerClient(clientConfig({}))),
  keys: KeySourcesJson.parse(environment.KEYS),
});
