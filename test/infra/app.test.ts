/** The app as a whole: what deploying it needs, and what it never does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AwsSolutionsChecks } from 'cdk-nag';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { decideAcrossAccounts } from './policy-matcher.ts';
import { synthesizeHere, writeSynthesis } from './synthesize-here.ts';
import { bucketPolicy, ofType, PLANS, rolePolicy, synthesisFile, type Synthesized, type Template } from './synthesized.ts';

type Whole = ReturnType<typeof synthesizeHere>;
/** The suites that need no more than the templates take those of this one. */
function synthesizeForAll(plan: string): Whole {
  const whole = synthesizeHere(plan);
  writeSynthesis(synthesisFile(plan), whole);
  return whole;
}
const plans = Object.fromEntries(PLANS.map((plan) => [plan, synthesizeForAll(plan)])) as Record<(typeof PLANS)[number], Whole>;
/** Two that differ from those: a plan with scenarios, and one without a database. */
const others = (['datamesh', 'identitymesh'] as const).map((plan) => [plan, synthesizeForAll(plan)] as const);
const elsewhere = synthesizeForAll('test/infra/existing-network.yaml');
const templatesOf = (s: Synthesized): Template[] => [s.vault, s.replicaVault, s.pipeline, s.recovery];

describe.each([...PLANS.map((plan) => [plan, plans[plan]] as const), ...others, ['existing network', elsewhere] as const])('%s', (_, s) => {
  it('is clean by AwsSolutions; every exception has its reason beside it', () => {
    const { violations } = new AwsSolutionsChecks(s.app).validateScope(s.app);
    expect(violations.map((v) => `${v.ruleName}: ${v.violatingResources.map((r) => r.constructPath).join(', ')}`)).toEqual([]);
  });

  it('refers to nothing of another stack', () => {
    const text = JSON.stringify(templatesOf(s));
    expect(text).not.toContain('Custom::CrossRegionExport');
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('Custom::');
  });

  it('stays far from the limits of a template', () => {
    for (const template of templatesOf(s)) {
      expect(Object.keys(template.Resources).length).toBeLessThan(400);
      expect(JSON.stringify(template).length).toBeLessThan(900_000);
    }
  });

  it('has roles whose policies fit', () => {
    for (const template of templatesOf(s))
      for (const [id, { Properties }] of ofType(template, 'AWS::IAM::Role'))
        expect(JSON.stringify(Properties['Policies'] ?? []).length, id).toBeLessThan(10_240);
  });
});

describe('two plans side by side in one account', () => {
  it('collide in no name', () => {
    const names = PLANS.flatMap((plan) => templatesOf(plans[plan]).flatMap(namesIn));
    const seen = new Set<string>();
    const twice = names.filter((name) => seen.size === seen.add(name).size);
    expect(twice).toEqual([]);
    expect(names.length).toBeGreaterThan(200);
  });
});

/** Names are unique per type, and for most per region. */
const NAME_PROPERTIES = [
  'BucketName',
  'AliasName',
  'RoleName',
  'FunctionName',
  'StateMachineName',
  'ClusterName',
  'Family',
  'LogGroupName',
  'TopicName',
  'QueueName',
  'AlarmName',
  'GroupName',
];
function namesIn(template: Template): string[] {
  const region = JSON.stringify(template).match(/eu-(?:central|west)-1/)?.[0] ?? '';
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type !== 'AWS::Scheduler::Schedule')
    .flatMap(([, { Type, Properties }]) =>
      NAME_PROPERTIES.filter((name) => Properties[name] !== undefined).map(
        (name) => `${Type} ${JSON.stringify(Properties[name])} ${Type.includes('IAM') ? '' : region}`,
      ),
    );
}

describe('a replica in another account', () => {
  it('lets the home account’s roles in by its own policies, and has a break-glass role of its own', () => {
    const bucket = JSON.stringify(elsewhere.replicaVault.Resources['ReplicaBucketPolicy']);
    expect(bucket).toContain('arn:aws:iam::111122223333:role/holdfast-elsewhere-copy-copy-parts');
    expect(JSON.stringify(elsewhere.replicaVault.Resources['EscrowKey'])).toContain('holdfast-elsewhere-escrow-read-back');
    expect(elsewhere.replicaVault.Resources).toHaveProperty('BreakGlass');
    expect(plans.ida.replicaVault.Resources).not.toHaveProperty('BreakGlass');
  });

  it.each(['escrow-version', 'read-back'])('has %s name the fingerprint key of the other account by its ARN', (handler) => {
    const functions = ofType(elsewhere.pipeline, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    const found = functions.find((f) => f['FunctionName'] === `holdfast-elsewhere-escrow-${handler}`);
    expect(found?.['Environment']).toMatchObject({
      Variables: {
        FINGERPRINT_KEY_ARN: 'arn:aws:kms:eu-central-1:111122223333:alias/holdfast/elsewhere/fingerprint',
        REPLICA_FINGERPRINT_KEY_ARN: 'arn:aws:kms:eu-west-1:444455556666:alias/holdfast/elsewhere/fingerprint',
      },
    });
  });

  const replicaBuckets = ['replica', 'escrow'].map((kind) => `holdfast-elsewhere-${kind}-444455556666-eu-west-1`);
  const workers = ofType(elsewhere.pipeline, 'AWS::IAM::Role')
    .map(([, { Properties }]) => String(Properties['RoleName']))
    .filter((role) => /-(copy|escrow|drill)(-|$)/.test(role));

  /** What a role's own policy grants in the replica's buckets, each asked under a prefix and a key that the grant covers. */
  const grantedTo = (role: string) =>
    rolePolicy([elsewhere.pipeline], role).Statement.flatMap(({ Effect, Action, Resource, Condition }) =>
      [Resource ?? []].flat().flatMap((resource) => {
        const bucket = replicaBuckets.find((name) => resource.startsWith(`arn:aws:s3:::${name}`));
        if (Effect !== 'Allow' || bucket === undefined) return [];
        const prefix = [Condition?.['StringLike']?.['s3:prefix'] ?? []].flat()[0];
        const context = { 's3:if-none-match': '*', ...(prefix === undefined ? {} : { 's3:prefix': prefix }) };
        return [Action].flat().map((action) => ({ bucket, action, resource: resource.replaceAll('*', 'x'), context }));
      }),
    );
  const asked = workers.flatMap((role) => grantedTo(role).map((grant) => [role, grant.action, grant] as const));

  it.each(asked)('lets %s do %s there as its own policy does', (role, action, { bucket, resource, context }) => {
    const request = { principal: `arn:aws:iam::111122223333:role/${role}`, action, resource, context };
    const policies = { identity: rolePolicy([elsewhere.pipeline], role), resource: bucketPolicy(elsewhere.replicaVault, bucket) };
    expect(decideAcrossAccounts(request, policies).outcome).toBe('allowed');
  });

  it.each(['plan-copy', 'complete-copy'])('has %s find unfinished uploads there', (handler) => {
    const found = asked.filter(([role, action]) => role.endsWith(`-copy-${handler}`) && action === 's3:ListBucketMultipartUploads');
    expect(found).toHaveLength(1);
  });
});

describe('the context', () => {
  const settings = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

  it('has defaults for all but the plan', () => {
    expect(settings({ plan: 'plans/ida.yaml' })).toMatchObject({
      tags: {},
      qualifier: 'hnb659fds',
      logRetentionDays: 400,
      architecture: 'arm64',
    });
  });

  it.each([
    [{}, 'plan=plans/ida.yaml'],
    [{ plan: 'p', image: 'registry/image:latest' }, 'digest'],
    [{ plan: 'p', logRetentionDays: '42' }, '400'],
    [{ plan: 'p', tags: 'no pairs' }, 'name=value'],
    [{ plan: 'p', emulator: 'other' }, 'ministack'],
    [{ plan: 'p', vaultKeyArn: 'alias/mine' }, 'KMS key'],
  ])('says what is wrong with %j', (context, said) => expect(() => settings(context)).toThrow(said));

  it('names every problem at once', () =>
    expect(() => settings({ image: 'x', architecture: 'vax' })).toThrow(/plan[\s\S]*image[\s\S]*architecture/));

  it('bounds every role, tags, and sets retention, architecture and the execution role that key policies admit', () => {
    const { pipeline, vault } = synthesizeHere('ida', {
      permissionsBoundary: 'limits',
      tags: 'team=platform,cost=42',
      qualifier: 'mine',
      logRetentionDays: '30',
      architecture: 'x86_64',
    });
    for (const [id, { Properties }] of [...ofType(pipeline, 'AWS::IAM::Role'), ...ofType(vault, 'AWS::IAM::Role')])
      expect(JSON.stringify(Properties['PermissionsBoundary']), id).toContain(':policy/limits');
    expect(vault.Resources['VaultBucket']?.Properties['Tags']).toEqual(
      expect.arrayContaining([
        { Key: 'team', Value: 'platform' },
        { Key: 'cost', Value: '42' },
        { Key: 'holdfast:system', Value: 'ida' },
      ]),
    );
    expect(JSON.stringify(vault.Resources['VaultKey'])).toContain('cdk-mine-cfn-exec-role');
    for (const [, { Properties }] of ofType(pipeline, 'AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBe(30);
    for (const [, { Properties }] of ofType(pipeline, 'AWS::Lambda::Function')) expect(Properties['Architectures']).toEqual(['x86_64']);
  });

  it('takes an image by digest, and pulls it from ECR under the execution role', () => {
    const image = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/holdfast@sha256:${'0'.repeat(64)}`;
    const replicaImage = image.replace('eu-central-1', 'eu-west-1');
    expect(() => synthesizeHere('ida', { image })).toThrow(/cannot pull from when that region is gone[\s\S]*`replicaImage`/);
    const { pipeline, recovery } = synthesizeHere('ida', { image, replicaImage });
    expect(JSON.stringify(recovery)).toContain(replicaImage);
    expect(JSON.stringify(recovery)).not.toContain(image);
    const text = JSON.stringify(pipeline);
    expect(text).toContain(image);
    expect(text).toContain('arn:aws:ecr:eu-central-1:111122223333:repository/holdfast');
  });
});

describe('cdk synth', () => {
  it('needs no Docker, no credentials and no network', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    const node = process.execPath;
    try {
      // Node and a shell are all that the CLI itself needs; PATH holds neither docker nor aws, and every proxy leads nowhere.
      const env = {
        PATH: `${dirname(node)}:/bin`,
        HOME: outdir,
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      };
      execFileSync(node, ['node_modules/.bin/cdk', 'synth', '--quiet', '--no-notices', '-c', 'plan=plans/nmia.yaml', '--output', outdir], {
        env,
        stdio: 'pipe',
      });
      expect(readFileSync(join(outdir, 'holdfast-nmia-pipeline.template.json'), 'utf8')).toContain('AWS::StepFunctions::StateMachine');
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }, 180_000);
});
