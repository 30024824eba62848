import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { keyAlias, type KeyPurpose } from '../../core/names.ts';
import { partitionOf } from '../../core/partition.ts';
import type { Finding } from '../../core/plan/finding.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import { lookIn, type Part } from './look.ts';

/** What stands still without the key. */
const USES = {
  vault: 'no point can be made, read or restored there',
  escrow: 'no envelope can be made or opened there',
  fingerprint: 'no value of a key can be told from another there',
  evidence: 'nothing can be signed there, and no run comes to its end',
} as const satisfies Record<KeyPurpose, string>;
const PURPOSES = Object.keys(USES) as KeyPurpose[];

/** Keys of both regions by their aliases: whether each can be used, and whether it is about to go. */
export async function lookAtKeys(plan: ProtectionPlan, connection: Connection): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { region, account = connection.account } of [plan.home, plan.replica]) {
    const client = new KMSClient(clientConfig(connection.settings(region)));
    for (const purpose of PURPOSES) {
      const alias = keyAlias(plan.system, purpose);
      parts.push(
        await lookIn(account, connection, `key ${purpose} in ${region}`, alias, () =>
          translated(`Looking at ${alias} in ${region}`, connection.where, async () => {
            const { KeyMetadata } = await client.send(
              new DescribeKeyCommand({ KeyId: `arn:${partitionOf(region)}:kms:${region}:${account}:${alias}` }),
            );
            return judgeKey(purpose, region, {
              arn: KeyMetadata?.Arn ?? alias,
              state: KeyMetadata?.KeyState,
              until: KeyMetadata?.DeletionDate,
            });
          }),
        ),
      );
    }
    client.destroy();
  }
  return parts;
}

type Seen = { arn: string; state: string | undefined; until: Date | undefined };

function judgeKey(purpose: KeyPurpose, region: string, { arn, state = 'unknown', until }: Seen): Finding[] {
  if (state === 'Enabled') return [];
  const enable = `aws kms enable-key --region ${region} --key-id ${arn}`;
  const going = state === 'PendingDeletion';
  return [
    {
      severity: 'error',
      path: 'state',
      value: state,
      problem: going
        ? `The key is deleted${until ? ` on ${until.toISOString().slice(0, 10)}` : ''}, and with it all that is encrypted or signed by it; until then ${USES[purpose]}`
        : `The key cannot be used: ${USES[purpose]}`,
      fix: `Run \`${going ? `aws kms cancel-key-deletion --region ${region} --key-id ${arn} && ` : ''}${enable}\`, and find out who did that`,
    },
  ];
}
