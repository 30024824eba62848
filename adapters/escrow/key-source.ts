import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { KeyStore } from '../../core/escrow/key-place.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';
import { parameterSource } from './parameter-source.ts';
import { secretSource } from './secret-source.ts';

/** Keys wherever the plan says that they are in use, in one region. */
export function keySource(settings: AwsSettings = {}): KeySource {
  const stores: Record<KeyStore, KeySource> = {
    secret: secretSource(new SecretsManagerClient(clientConfig(settings))),
    parameter: parameterSource(new SSMClient(clientConfig(settings))),
  };
  return {
    listVersions: (place) => stores[place.store].listVersions(place),
    read: (place, versionId) => stores[place.store].read(place, versionId),
  };
}
