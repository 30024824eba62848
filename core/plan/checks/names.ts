/** Ids are unique, and every name that is computed from them fits the limits of its service. */
import { escrowBucketName, functionName, replicaBucketName, stateMachineName, taskRoleName, vaultBucketName } from '../../names.ts';
import { finding, repeated, type Rule } from './rule.ts';

export const checkAssetIds: Rule = (plan) =>
  repeated(plan.assets.map((asset) => asset.id)).map(({ index }) =>
    finding(
      plan,
      'error',
      ['assets', index, 'id'],
      'Another asset has the same id: their objects would share one place',
      'Give each asset an id of its own',
    ),
  );

/** S3's limit for buckets, IAM's for roles, Lambda's for functions, Step Functions' for machines. */
const MOST = { bucket: 63, role: 64, function: 64, machine: 80 } as const;
/** The longest that a handler's path is. */
const LONGEST_HANDLER = 'retention/sweep-attempts';

export const checkNameLengths: Rule = (plan) => {
  const { system, home, replica } = plan;
  const account = '0'.repeat(12);
  const names = [
    { kind: 'bucket', name: vaultBucketName({ system, account, region: home.region }), path: ['home', 'region'] },
    { kind: 'bucket', name: escrowBucketName({ system, account, region: home.region }), path: ['home', 'region'] },
    { kind: 'bucket', name: replicaBucketName({ system, account, region: replica.region }), path: ['replica', 'region'] },
    { kind: 'function', name: functionName(system, LONGEST_HANDLER, 'replica'), path: ['system'] },
    { kind: 'machine', name: stateMachineName(system, 'retention', 'replica'), path: ['system'] },
    ...plan.assets.map(
      (asset, i) => ({ kind: 'role', name: taskRoleName(system, asset.id, 'restore', 'replica'), path: ['assets', i, 'id'] }) as const,
    ),
  ] as const;
  return names
    .filter(({ kind, name }) => name.length > MOST[kind])
    .map(({ kind, name, path }) =>
      finding(
        plan,
        'error',
        path,
        `The ${kind} name ${name} has ${name.length} characters, ${MOST[kind]} are allowed`,
        'Shorten the name of the system or the asset',
      ),
    );
};
