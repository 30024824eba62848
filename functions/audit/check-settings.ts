import { KMSClient } from '@aws-sdk/client-kms';
import type { z } from 'zod';
import { settingsReader } from '../../adapters/audit/read-settings.ts';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { readUsed, type UsedNames } from '../../adapters/kms/used-keys.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import { compareBucket, compareKey } from '../../core/audit/compare-settings.ts';
import { CheckSettingsEnvironment, CheckSettingsRequest, type CheckSettingsAnswer } from '../../core/audit/contract.ts';
import type { Finding } from '../../core/audit/findings.ts';
import type { SettingsReader } from '../../core/audit/observation.ts';
import { isEndangered, isUnseen, type Used } from '../../core/watch/used.ts';
import { handle } from '../edge.ts';

export type CheckSettingsPorts = { settings: SettingsReader; readUsed: (names: UsedNames) => Promise<Used[]> };

/** Every bucket and key of this side, as it is and as it was deployed, the sources of the plan's keys, and what is logged in with. */
export async function checkSettings(
  { expected, sources, logins }: z.output<typeof CheckSettingsRequest>,
  { settings, readUsed: read }: CheckSettingsPorts,
): Promise<CheckSettingsAnswer> {
  const namesIn = (store: (typeof sources)[number]['store']) => sources.flatMap((one) => (one.store === store ? [one.name] : []));
  const [buckets, keys, used] = await Promise.all([
    Promise.all(expected.buckets.map(async (bucket) => ({ expected: bucket, found: await settings.bucket(bucket.bucket) }))),
    Promise.all(expected.keys.map(async (key) => ({ expected: key, found: await settings.key(key.alias) }))),
    read({
      aliases: [],
      secrets: namesIn('secret'),
      parameters: namesIn('parameter'),
      logins: [
        ...logins.needed.map((secret) => ({ secret, isNeeded: true })),
        ...logins.toCome.map((secret) => ({ secret, isNeeded: false })),
      ],
    }),
  ]);
  const vaultKey = keys.find((key) => key.expected.purpose === 'vault')?.found;
  const vaultKeyArn = vaultKey?.keyArn;
  const findings = [
    ...buckets.flatMap((bucket) => compareBucket(bucket.expected, bucket.found, vaultKeyArn)),
    ...keys.flatMap((key) => compareKey(key.expected, key.found)),
    ...used.flatMap(findingOf),
  ];
  return {
    findings,
    vaultKeyArn: vaultKeyArn ?? '',
    canRead: vaultKey?.state === 'Enabled' && buckets.every(({ found }) => found !== undefined),
  };
}

/** The key of a source that cannot be seen is told with it. */
function findingOf(used: Used): Finding[] {
  if (used.kind === 'key') return isEndangered(used) ? [{ kind: 'source-key-ends', used }] : [];
  if (isUnseen(used)) return [{ kind: 'source-unseen', used }];
  return isEndangered(used) ? [{ kind: 'source-gone', used }] : [];
}

export const handler = handle({
  environment: CheckSettingsEnvironment,
  request: CheckSettingsRequest,
  connect: (): CheckSettingsPorts => ({
    settings: settingsReader(s3Client({}, process.env), new KMSClient(clientConfig({}))),
    readUsed: (names) => readUsed(names, {}),
  }),
  run: checkSettings,
});
