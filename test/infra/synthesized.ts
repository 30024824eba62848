/** The app's templates, with a view on them that tests can read. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { PolicyDocument } from './policy-matcher.ts';

export const ACCOUNT = '111122223333';
const SYNTHESIZE = fileURLToPath(new URL('synthesize-here.ts', import.meta.url));
export const PLANS = ['ida', 'nmia', 'idswyft'] as const;

export type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string; UpdateReplacePolicy?: string };
export type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, { Value: unknown }> };
/** `pipeline` and `recovery` hold what stands in their numbered stacks too; `stacks` has each as it is deployed, by name. */
export type Synthesized = {
  vault: Template;
  replicaVault: Template;
  pipeline: Template;
  recovery: Template;
  stacks: Record<string, Template>;
};

/**
 * One synthesis of a plan serves all suites of a run: it takes seconds, and so does loading CDK. Throws what the synthesis says.
 * @param plan name of a shipped plan, or path of a file
 */
export function synthesize(plan: string, context: Record<string, unknown> = {}): Synthesized {
  const file = synthesisFile(plan, context);
  // Two suites that ask at once both synthesize; what they write is the same.
  const program = [SYNTHESIZE, plan, JSON.stringify(context), file];
  if (!existsSync(file)) execFileSync(process.execPath, program, { stdio: 'pipe' });
  return JSON.parse(readFileSync(file, 'utf8')) as Synthesized;
}

/** Where the suites of a run find a synthesis that one of them has made. */
export function synthesisFile(plan: string, context: Record<string, unknown> = {}): string {
  const name = createHash('sha256')
    .update(JSON.stringify([plan, context]))
    .digest('hex')
    .slice(0, 16);
  return join(inject('sharedDirectory'), `${name}.json`);
}

/** A property as the account would see it: references become the names and ARNs that they stand for. */
function resolve(template: Template, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(template, item));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Record<string, unknown>;
  if (typeof node['Ref'] === 'string') return reference(template, node['Ref']);
  if (node['Fn::Join']) {
    const [separator, parts] = node['Fn::Join'] as [string, unknown[]];
    return parts.map((part) => resolve(template, part)).join(separator);
  }
  if (node['Fn::GetAtt']) return attribute(template, node['Fn::GetAtt'] as [string, string]);
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, resolve(template, item)]));
}

function reference(template: Template, id: string): string {
  if (id === 'AWS::AccountId') return ACCOUNT;
  const properties = template.Resources[id]?.Properties ?? {};
  return typeof properties['BucketName'] === 'string' || properties['BucketName']
    ? String(resolve(template, properties['BucketName']))
    : `<${id}>`;
}

/** Keys and roles are what policies refer to. */
function attribute(template: Template, [id, name]: [string, string]): string {
  if (template.Resources[id]?.Type === 'AWS::S3::Bucket' && name === 'Arn') return `arn:aws:s3:::${reference(template, id)}`;
  if (template.Resources[id]?.Type === 'AWS::KMS::Key' && name === 'Arn') return `arn:aws:kms:<region>:${ACCOUNT}:key/${id}`;
  if (template.Resources[id]?.Type === 'AWS::IAM::Role' && name === 'Arn')
    return `arn:aws:iam::${ACCOUNT}:role/${String(template.Resources[id].Properties['RoleName'])}`;
  return `<${id}.${name}>`;
}

/** Those of a type, which many thousands of questions about policies ask for. */
export function ofType(template: Template, type: string): [string, Resource][] {
  const known = resolved.get(template) ?? new Map<string, [string, Resource][]>();
  resolved.set(template, known);
  const found = known.get(type) ?? resolveAll(template, type);
  known.set(type, found);
  return found;
}

const resolved = new WeakMap<Template, Map<string, [string, Resource][]>>();

const resolveAll = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [id, { ...resource, Properties: resolve(template, resource.Properties) as Record<string, unknown> }]);

/** Everything that a role is granted. */
export function rolePolicy(templates: Template[], roleName: string): PolicyDocument {
  for (const template of templates)
    for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
      if (Properties['RoleName'] !== roleName) continue;
      const policies = (Properties['Policies'] ?? []) as { PolicyDocument: PolicyDocument }[];
      return { Statement: policies.flatMap((policy) => policy.PolicyDocument.Statement) };
    }
  throw new Error(`No template has a role ${roleName}`);
}

export const roleNames = (templates: Template[]): string[] =>
  templates.flatMap((template) => ofType(template, 'AWS::IAM::Role').map(([, { Properties }]) => String(Properties['RoleName'])));

export function bucketPolicy(template: Template, bucketName: string): PolicyDocument {
  const found = ofType(template, 'AWS::S3::BucketPolicy').find(([, { Properties }]) => Properties['Bucket'] === bucketName);
  if (!found) throw new Error(`No policy for the bucket ${bucketName}`);
  return found[1].Properties['PolicyDocument'] as PolicyDocument;
}

export function keyPolicy(template: Template, logicalId: string): PolicyDocument {
  const found = ofType(template, 'AWS::KMS::Key').find(([id]) => id === logicalId);
  if (!found) throw new Error(`No key ${logicalId}`);
  return found[1].Properties['KeyPolicy'] as PolicyDocument;
}
