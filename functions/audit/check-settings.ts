import { KMSClient } from '@aws-sdk/client-kms';
import type { z } from 'zod';
import { settingsReader } from '../../adapters/audit/read-settings.ts';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import { compareBucket, compareKey } from '../../core/audit/compare-settings.ts';
import { CheckSettingsEnvironment, CheckSettingsRequest, type CheckSettingsAnswer } from '../../core/audit/contract.ts';
import type { SettingsReader } from '../../core/audit/observation.ts';
import { handle } from '../edge.ts';

/** Every bucket and key of this side, as it is and as it was deployed. */
export async function checkSettings(
  { expected }: z.output<typeof CheckSettingsRequest>,
  settings: SettingsReader,
): Promise<CheckSettingsAnswer> {
  const [buckets, keys] = await Promise.all([
    Promise.all(expected.buckets.map(async (bucket) => ({ expected: bucket, found: await settings.bucket(bucket.bucket) }))),
    Promise.all(expected.keys.map(async (key) => ({ expected: key, found: await settings.key(key.alias) }))),
  ]);
  const vaultKey = keys.find((key) => key.expected.purpose === 'vault')?.found;
  const vaultKeyArn = vaultKey?.keyArn;
  const findings = [
    ...buckets.flatMap((bucket) => compareBucket(bucket.expected, bucket.found, vaultKeyArn)),
    ...keys.flatMap((key) => compareKey(key.expected, key.found)),
  ];
  return {
    findings,
    vaultKeyArn: vaultKeyArn ?? '',
    canRead: vaultKey?.state === 'Enabled' && buckets.every(({ found }) => found !== undefined),
  };
}

export const handler = handle({
  environment: CheckSettingsEnvironment,
  request: CheckSettingsRequest,
  connect: () => settingsReader(s3Client({}, process.env), new KMSClient(clientConfig({}))),
  run: checkSettings,
});
