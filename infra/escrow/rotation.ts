/** Rotations: heard of by events, which start the machine for the key, and guarded where the plan names the function that makes them. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import type { EscrowInput } from '../../core/escrow/contract.ts';
import { guardedKeys } from '../../core/escrow/guarded.ts';
import { placeOf, type KeyPlace } from '../../core/escrow/key-place.ts';
import { makeFunction } from '../function.ts';
import { escrowOf, listObjects, replicaEscrowOf } from '../grants.ts';
import { deadLetterQueueArn } from '../pipeline/shared.ts';
import { makeRole } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';
import { keySources, listSources } from './read-sources.ts';

const GUARD = 'escrow/guard-rotation';
/** Lambda's own limit, for the function behind the guard may take as long. */
const LONGEST_SECONDS = 900;
/** Calls that give a secret another value or move its labels. */
const CHANGES = ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage', 'CreateSecret', 'RestoreSecret'];

export function makeRotation(stack: Construct, system: System, settings: Settings): void {
  if (system.keyAssets.length === 0) return;
  makeGuard(stack, system, settings);
  const roleName = `holdfast-${system.name}-rotation`;
  const role = makeRole(stack, 'RotationRole', {
    roleName,
    description: `Holdfast ${system.name}: starts the escrow of a key when it is rotated`,
    trust: { service: 'events.amazonaws.com', conditions: { StringEquals: { 'aws:SourceAccount': system.home.account } } },
    statements: [{ sid: 'StartEscrow', actions: ['states:StartExecution'], resources: [system.machineArn('escrow')] }],
  });
  for (const { id, source } of system.keyAssets) {
    const rule = new CfnRule(stack, `Rotation-${id}`, {
      name: `holdfast-${system.name}-${id}-rotated`,
      description: `Holdfast ${system.name}: the source of ${id} has another version`,
      eventPattern: rotationPattern(system, placeOf(source)),
      targets: [
        {
          id: 'escrow',
          arn: system.machineArn('escrow'),
          roleArn: role.attrArn,
          input: JSON.stringify({ key: id } satisfies z.input<typeof EscrowInput>),
          deadLetterConfig: { arn: deadLetterQueueArn(system) },
        },
      ],
    });
    rule.node.addDependency(stack.node.findChild('EscrowMachine'));
  }
}

/** Parameter Store says it by itself; what Secrets Manager does is only heard of through a trail. */
export function rotationPattern(system: System, place: KeyPlace): object {
  if (place.store === 'parameter')
    return {
      source: ['aws.ssm'],
      'detail-type': ['Parameter Store Change'],
      detail: { name: [place.name], operation: ['Create', 'Update'] },
    };
  const arns = { prefix: arn(system.home, 'secretsmanager', `secret:${place.name}-`) };
  return {
    source: ['aws.secretsmanager'],
    $or: [
      {
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: {
          eventName: CHANGES,
          errorCode: [{ exists: false }],
          // A caller may name the secret by its name or by its ARN.
          $or: [{ requestParameters: { secretId: [place.name, arns] } }, { requestParameters: { name: [place.name] } }],
        },
      },
      {
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: { eventName: ['RotationSucceeded'], additionalEventData: { SecretId: [place.name, arns] } },
      },
    ],
  };
}

function makeGuard(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const behind = [...new Set(system.keyAssets.flatMap(({ escrow }) => escrow.rotationFunction ?? []))];
  makeFunction(stack, {
    system,
    settings,
    handler: GUARD,
    description: 'refuses a rotation whose old version could not be got back',
    timeoutSeconds: LONGEST_SECONDS,
    environment: {
      SYSTEM: name,
      KEYS: keySources(system),
      GUARDED: JSON.stringify(guardedKeys(system.keyAssets)),
      ESCROW_BUCKET: system.escrowBucket,
      REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
      REPLICA_REGION: system.replica.region,
    },
    statements: [
      ...listSources(system),
      listObjects('SeeEscrow', escrowOf(system), [`${name}/`]),
      listObjects('SeeEscrowOfTheReplica', replicaEscrowOf(system), [`${name}/`]),
      ...(behind.length === 0 ? [] : [{ sid: 'CallTheRotation', actions: ['lambda:InvokeFunction'], resources: behind }]),
    ],
  });
  if (behind.length === 0) return;
  new CfnPermission(stack, 'GuardMayBeCalled', {
    action: 'lambda:InvokeFunction',
    functionName: system.functionArn(GUARD),
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: system.home.account,
    // Of the secrets of the account the guard itself refuses those that the plan does not name.
    sourceArn: arn(system.home, 'secretsmanager', 'secret:*'),
  }).node.addDependency(stack.node.findChild('EscrowGuardRotation'));
}
