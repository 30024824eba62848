/** Policy statements as plain data: what is written here is what stands in the template, with nothing merged or widened. */
import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export type Conditions = Record<string, Record<string, string | string[]>>;

export type Statement = {
  sid: string;
  effect?: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  conditions?: Conditions;
  /** Why a wildcard is needed: recorded as the reason of the finding that it raises in a review. */
  why?: string;
};

/** A statement of a resource's own policy. Roles of other stacks are named by `aws:PrincipalArn`, never as principals. */
export type ResourceStatement = Statement & { principal?: '*' | Record<string, string | string[]>; notResources?: string[] };

export function policyDocument(statements: ResourceStatement[]) {
  return {
    Version: '2012-10-17',
    Statement: statements.map((s) => ({
      Sid: s.sid,
      Effect: s.effect ?? 'Allow',
      ...(s.principal === undefined ? {} : { Principal: s.principal }),
      Action: s.actions,
      ...(s.notResources === undefined ? { Resource: s.resources } : { NotResource: s.notResources }),
      ...(s.conditions === undefined ? {} : { Condition: s.conditions }),
    })),
  };
}

export type Trust = { service: string; conditions?: Conditions } | { accounts: string[]; conditions?: Conditions };

/** A role with an explicit name and one inline policy: a role and its rights are one resource, and are read in one place. */
export function makeRole(
  scope: Construct,
  id: string,
  props: { roleName: string; description: string; trust: Trust; statements: Statement[] },
): CfnRole {
  const role = new CfnRole(scope, id, {
    roleName: props.roleName,
    description: props.description,
    assumeRolePolicyDocument: trustDocument(props.trust),
    policies: props.statements.length === 0 ? [] : [{ policyName: 'grants', policyDocument: policyDocument(props.statements) }],
  });
  acknowledgeWildcards(role, props.statements);
  return role;
}

function trustDocument(trust: Trust) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: 'service' in trust ? { Service: trust.service } : { AWS: trust.accounts },
        ...(trust.conditions === undefined ? {} : { Condition: trust.conditions }),
      },
    ],
  };
}

/** Every wildcard has its reason beside it in the code; without one, synthesis fails. */
function acknowledgeWildcards(role: CfnResource, statements: Statement[]): void {
  const reasons = new Map<string, string>();
  for (const statement of statements) {
    const wildcards = [
      ...statement.actions.filter((a) => a.includes('*')).map((a) => `Action::${a}`),
      ...statement.resources
        .map((r) => flatten(Stack.of(role).resolve(r)))
        .filter((r) => r.includes('*'))
        .map((r) => `Resource::${r}`),
    ];
    if (wildcards.length > 0 && statement.why === undefined)
      throw new Error(`${role.node.path}: ${statement.sid} has wildcards and no reason: ${wildcards.join(', ')}`);
    for (const wildcard of wildcards) reasons.set(wildcard, statement.why ?? '');
  }
  for (const [finding, reason] of reasons) Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
}

/** An ARN with the account's token in it, the way that reviews name it. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]]; 'Fn::GetAtt'?: [string, string] };
  if (node['Fn::Join']) return node['Fn::Join'][1].map(flatten).join(node['Fn::Join'][0]);
  if (node['Fn::GetAtt']) return `<${node['Fn::GetAtt'].join('.')}>`;
  return `<${node.Ref ?? JSON.stringify(value)}>`;
}
