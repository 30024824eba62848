/** Where the deployed system is, and how it is reached. */
import type { AwsSettings } from '../adapters/aws/settings.ts';
import { openBucket } from '../adapters/s3/bucket.ts';
import { replicaBucketName, vaultBucketName } from '../core/names.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { Executions } from '../core/ports/executions.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import type { Frame } from './frame.ts';
import type { Machines } from './machines.ts';
import type { SignedCalls } from './signed-calls.ts';

export type VaultPlace = 'vault' | 'replica';

export type Connection = {
  /** For messages: `account 000000000000, eu-central-1`. */
  where: string;
  account: string;
  /** Settings of a client in a region. */
  settings(region: string): AwsSettings;
  machines: Machines;
  /** The machines of the second region, which read the replica vault and work without the home region. */
  recovery: { where: string; machines: Machines };
  /** What became of executions beside a vault, under the asker's own credentials. */
  executions(place: VaultPlace): Executions;
  /** Calls of functions by their URL. */
  call: SignedCalls;
  close(): Promise<void>;
};

/** The bucket of either place, to read from. The person's own credentials decide what that may be. */
export function openVault(
  connection: Connection,
  plan: ProtectionPlan,
  place: VaultPlace,
  environment: Frame['environment'],
): ObjectReader {
  const { region, account } = place === 'vault' ? plan.home : plan.replica;
  const at = { system: plan.system, account: account ?? connection.account, region };
  const bucket = place === 'vault' ? vaultBucketName(at) : replicaBucketName(at);
  return openBucket(bucket, connection.settings(region), environment).reader;
}
