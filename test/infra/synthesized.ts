/** The app's templates, synthesized in this process, with a view on them that tests can read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { composeApp } from '../../infra/app.ts';
import { bundleFunctions } from '../../infra/bundle.ts';
import type { PolicyDocument } from './policy-matcher.ts';

export const ACCOUNT = '111122223333';
/** The plans are looked at from here; a test of the plans themselves looks at them from later dates too. */
const NOW = new Date('2026-11-21T00:00:00Z');
export const PLANS = ['ida', 'nmia', 'idswyft'] as const;

export type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string; UpdateReplacePolicy?: string };
export type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, { Value: unknown }> };
export type Synthesized = { app: App; vault: Template; replicaVault: Template; pipeline: Template; recovery: Template };

/** CDK's own check of templates takes longer than their synthesis; the test that runs the CLI has it on. */
process.env['CDK_VALIDATION'] = 'false';

let isBundled = false;

/** @param plan name of a shipped plan, or path of a file */
export function synthesize(plan: string, context: Record<string, unknown> = {}): Synthesized {
  if (!isBundled) bundleFunctions();
  isBundled = true;
  const outdir = mkdtempSync(join(tmpdir(), 'holdfast-synth-'));
  const file = plan.includes('/') ? plan : `plans/${plan}.yaml`;
  const app = new App({ outdir, analyticsReporting: false, context: { plan: file, 'aws:cdk:disable-asset-staging': true, ...context } });
  try {
    const stacks = composeApp(app, undefined, NOW);
    const assembly = app.synth();
    const template = (stack: { stackName: string }) => assembly.getStackByName(stack.stackName).template as Template;
    const { vault, replicaVault, pipeline, recovery } = stacks;
    return {
      app,
      vault: template(vault),
      replicaVault: template(replicaVault),
      pipeline: template(pipeline),
      recovery: template(recovery),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
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
  return `<${id}.${name}>`;
}

export const ofType = (template: Template, type: string): [string, Resource][] =>
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
  const key = template.Resources[logicalId];
  if (key?.Type !== 'AWS::KMS::Key') throw new Error(`No key ${logicalId}`);
  return resolve(template, key.Properties['KeyPolicy']) as PolicyDocument;
}
