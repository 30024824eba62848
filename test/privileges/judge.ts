/** What the synthesized policies say of everything that was asked, and which of their grants that took. */
import { decide, type PolicyDocument, type PolicyStatement } from '../infra/policy-matcher.ts';
import { ACCOUNT, bucketPolicy, keyPolicy, type Synthesized, type Template } from '../infra/synthesized.ts';
import type { Asked } from './asked.ts';
import { rolesOf, type Grant } from './grants.ts';

export type Refusal = { asked: Asked; by: string };
export type Judgement = { refused: Refusal[]; used: Set<Grant>; granted: Grant[] };

export function judge(asks: readonly Asked[], synthesized: Synthesized): Judgement {
  const { vault, replicaVault, pipeline, recovery } = synthesized;
  const roles = new Map(rolesOf([vault, replicaVault, pipeline, recovery]).map((role) => [role.name, role.grants]));
  const used = new Set<Grant>();
  const refused: Refusal[] = [];
  const resourcePolicy = resourcePolicies(synthesized);
  for (const asked of withoutRepeats(asks)) {
    const grants = roles.get(asked.role);
    if (!grants) throw new Error(`${asked.role} called ${asked.action}, and no template has that role`);
    const { role, action, resource, context } = asked;
    const request = { principal: `arn:aws:iam::${ACCOUNT}:role/${role}`, action, resource, context };
    const statements = [...new Set(grants.map(({ statement }) => statement))];
    const policy = resourcePolicy(asked);
    const decision = decide(request, { identity: { Statement: statements }, resource: policy });
    if (decision.outcome === 'allowed') {
      const isAllowedBy = (statement: PolicyStatement) => decide(request, { identity: { Statement: [statement] } }).outcome === 'allowed';
      for (const grant of grants) if (grant.action === action && isAllowedBy(grant.statement)) used.add(grant);
    } else if (!asked.isOptional) refused.push({ asked, by: decision.outcome === 'denied' ? decision.by : 'no statement of the role' });
  }
  return { refused, used, granted: [...roles.values()].flat() };
}

function withoutRepeats(asks: readonly Asked[]): Asked[] {
  return [...new Map(asks.map((asked) => [JSON.stringify(asked), asked])).values()];
}

/** Of buckets by their name, of keys by the last part of their alias. */
function resourcePolicies({ vault, replicaVault }: Synthesized) {
  const known = new Map<string, PolicyDocument | undefined>();
  const find = ({ resource, region }: Asked): PolicyDocument | undefined => {
    const bucket = /^arn:aws:s3:::([^/]+)/.exec(resource)?.[1];
    if (bucket !== undefined) return first([vault, replicaVault], (template) => bucketPolicy(template, bucket));
    const key = /^arn:aws:kms:[^:]+:\d+:key\/(\w+)$/.exec(resource)?.[1];
    if (key === undefined) return undefined;
    const logicalId = `${key.charAt(0).toUpperCase()}${key.slice(1)}Key`;
    return keyPolicy(isOf(vault, region) ? vault : replicaVault, logicalId);
  };
  return (asked: Asked) => {
    const name = `${asked.region} ${/^arn:aws:s3:::[^/]+|.*/.exec(asked.resource)?.[0]}`;
    if (!known.has(name)) known.set(name, find(asked));
    return known.get(name);
  };
}

/** The names of a template's buckets end with their region. */
const isOf = (template: Template, region: string) =>
  Object.values(template.Resources).some(
    ({ Type, Properties }) => Type === 'AWS::S3::Bucket' && JSON.stringify(Properties['BucketName']).includes(region),
  );

function first<T>(templates: Template[], read: (template: Template) => T): T {
  for (const [index, template] of templates.entries())
    try {
      return read(template);
    } catch (error) {
      if (index === templates.length - 1) throw error;
    }
  throw new RangeError('No template');
}
