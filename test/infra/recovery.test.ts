/** The recovery stack, as the templates for AWS have it: whole without the home region, and in another account where the plan says so. */
import { describe, expect, it } from 'vitest';
import { DrillInput } from '../../core/drill/contract.ts';
import { STAGES, stateMachineName } from '../../core/names.ts';
import { bucketPolicy, keyPolicy, ofType, PLANS, rolePolicy, synthesize, type Synthesized, type Template } from './synthesized.ts';

const HOME = 'eu-central-1';
const REPLICA = 'eu-west-1';
const plans = Object.fromEntries(PLANS.map((plan) => [plan, synthesize(plan)])) as Record<(typeof PLANS)[number], Synthesized>;
const elsewhere = synthesize('test/infra/existing-network.yaml');
const all = [...PLANS.map((plan) => [plan, plans[plan]] as const), ['two accounts', elsewhere] as const];
const { recovery } = plans.ida;

const named = (template: Template, type: string, property: string) =>
  Object.fromEntries(ofType(template, type).map(([, { Properties }]) => [String(Properties[property]), Properties]));
const environmentOf = (definition: Record<string, unknown> | undefined) => {
  const [runner] = (definition?.['ContainerDefinitions'] ?? []) as { Environment: { Name: string; Value: string }[] }[];
  return Object.fromEntries((runner?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
};

describe.each(all)('%s', (_, s) => {
  it('names nothing of the home region', () => {
    expect(JSON.stringify(s.recovery)).not.toContain(HOME);
    // Nor has the replica vault more of it than the home roles that put and lock there, whose names have no region.
    expect(JSON.stringify(s.replicaVault)).not.toContain(HOME);
    expect(JSON.stringify(s.recovery)).toContain(REPLICA);
  });

  it('has the machines of its region, and home has its own: those that doctor looks for', () => {
    const namesIn = (template: Template) => Object.keys(named(template, 'AWS::StepFunctions::StateMachine', 'StateMachineName')).sort();
    const system =
      /^holdfast-(.*)-drill-replica$/.exec(namesIn(s.recovery).find((name) => name.endsWith('-drill-replica')) ?? '')?.[1] ?? '';
    expect(namesIn(s.recovery)).toEqual(STAGES.replica.map((stage) => stateMachineName(system, stage, 'replica')).toSorted());
    expect(namesIn(s.pipeline)).toEqual(STAGES.vault.map((stage) => stateMachineName(system, stage)).toSorted());
  });

  it('has machines that call functions of their own region', () => {
    const machines = named(s.recovery, 'AWS::StepFunctions::StateMachine', 'StateMachineName');
    const functions = new Set(Object.keys(named(s.recovery, 'AWS::Lambda::Function', 'FunctionName')));
    for (const [name, { DefinitionString }] of Object.entries(machines)) {
      const called = [...String(DefinitionString).matchAll(/:function:([\w-]+)/g)].map(([, found]) => found ?? '');
      expect(called.length, name).toBeGreaterThan(3);
      for (const one of called) expect(functions, name).toContain(one);
    }
  });

  it('has a drill and a restore task for every database, which read the replica and the escrow bucket there', () => {
    const databases = ofType(s.pipeline, 'AWS::ECS::TaskDefinition').filter(([, { Properties }]) =>
      String(Properties['Family']).endsWith('-drill'),
    );
    const definitions = named(s.recovery, 'AWS::ECS::TaskDefinition', 'Family');
    expect(Object.keys(definitions)).toHaveLength(databases.length * 2);
    for (const [family, definition] of Object.entries(definitions)) {
      const environment = environmentOf(definition);
      expect(environment, family).toMatchObject({
        FROM: 'replica',
        VAULT_BUCKET: expect.stringMatching(/-replica-\d{12}-eu-west-1$/) as string,
      });
      if (!family.endsWith('-drill')) continue;
      expect(environment['ESCROW_BUCKET']).toMatch(/-escrow-\d{12}-eu-west-1$/);
      expect(environment['ESCROW_KEY_ARN']).toMatch(/^arn:aws:kms:eu-west-1:/);
    }
  });
});

describe('the stack of the second region', () => {
  it('drills on the schedule of the plan, from the replica, for as long as that schedule allows', () => {
    const schedules = named(recovery, 'AWS::Scheduler::Schedule', 'Name');
    const drill = schedules['postgres-drill'] as { ScheduleExpression: string; Target: { Input: string; Arn: string } } | undefined;
    expect(drill?.ScheduleExpression).toBe('cron(0 5 15 2,5,8,11 ? *)');
    expect(DrillInput.parse(JSON.parse(drill?.Target.Input ?? ''))).toEqual({ asset: 'postgres', from: 'replica' });
    expect(drill?.Target.Arn).toMatch(/^arn:aws:states:eu-west-1:.*:stateMachine:holdfast-ida-drill-replica$/);
    expect(Object.keys(named(elsewhere.recovery, 'AWS::Scheduler::Schedule', 'Name'))).not.toContain('orders-drill');
  });

  it('has a network of its own, whose ways out are the endpoints of its region and the buckets there', () => {
    const services = ofType(recovery, 'AWS::EC2::VPCEndpoint').map(([, { Properties }]) => String(Properties['ServiceName']));
    for (const service of services) expect(service).toMatch(/^com\.amazonaws\.eu-west-1\./);
    for (const needed of ['s3', 'kms', 'secretsmanager', 'ecr.api', 'ecr.dkr', 'logs'])
      expect(services).toContain(`com.amazonaws.eu-west-1.${needed}`);
    const gateway = ofType(recovery, 'AWS::EC2::VPCEndpoint').find(([, { Properties }]) => Properties['VpcEndpointType'] === 'Gateway');
    expect(JSON.stringify(gateway)).toContain('holdfast-ida-replica-');
    expect(
      ofType(recovery, 'AWS::EC2::SecurityGroup')
        .map(([id]) => id)
        .sort(),
    ).toEqual(['DrillGroup', 'EndpointGroup', 'RestoreGroup']);
  });

  it('pulls an image that is published there', () => {
    const [task] = ofType(recovery, 'AWS::ECS::TaskDefinition');
    expect(JSON.stringify(task)).toMatch(/\.dkr\.ecr\.eu-west-1\./);
    expect(JSON.stringify(rolePolicy([recovery], 'holdfast-ida-task-execution-replica'))).toMatch(/arn:aws:ecr:eu-west-1|ecr/);
  });

  it('raises what fails there by a topic of its own', () => {
    const alarms = ofType(recovery, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(alarms.map((alarm) => String(alarm['AlarmName']))).toEqual(
      expect.arrayContaining(['holdfast-ida-drill-replica-failed', 'holdfast-ida-restore-replica-failed', 'holdfast-ida-not-started']),
    );
    for (const alarm of alarms) expect(JSON.stringify(alarm['AlarmActions'])).toContain('arn:aws:sns:eu-west-1:');
  });
});

describe('a replica in another account', () => {
  const account = '444455556666';
  const MAY = [
    's3:GetObject',
    's3:GetObjectVersion',
    's3:GetObjectRetention',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
    's3:AbortMultipartUpload',
    's3:ListMultipartUploadParts',
    's3:ListBucketMultipartUploads',
    's3:PutObjectRetention',
  ];

  it.each([`holdfast-elsewhere-replica-${account}-eu-west-1`, `holdfast-elsewhere-escrow-${account}-eu-west-1`])(
    'lets roles of the home account put, lock and look at what they put into %s, and nothing else',
    (bucket) => {
      const statements = bucketPolicy(elsewhere.replicaVault, bucket).Statement.filter(({ Effect }) => Effect === 'Allow');
      expect(statements.length).toBeGreaterThan(0);
      for (const { Action, Condition } of statements) {
        for (const action of [Action].flat()) expect(MAY).toContain(action);
        const roles = [Condition?.['ArnLike']?.['aws:PrincipalArn'] ?? []].flat();
        expect(roles.length).toBeGreaterThan(0);
        for (const role of roles) expect(role).toMatch(/^arn:aws:iam::111122223333:role\/holdfast-elsewhere-(copy|escrow)-/);
      }
    },
  );

  it('lets them use its keys through S3 and for envelopes, and neither sign, end nor change a key', () => {
    const granted = ['VaultKey', 'EscrowKey', 'FingerprintKey', 'EvidenceKey'].flatMap((id) =>
      keyPolicy(elsewhere.replicaVault, id)
        .Statement.filter(({ Sid }) => Sid === 'LetTheHomeAccountsRoles')
        .flatMap(({ Action }) => [Action].flat()),
    );
    expect(new Set(granted)).toEqual(new Set(['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateMac']));
  });

  it('has every role of its own in that account, those of people too', () => {
    const roles = named(elsewhere.recovery, 'AWS::IAM::Role', 'RoleName');
    for (const person of ['operator', 'requester', 'approver', 'auditor']) {
      const trust = JSON.stringify(roles[`holdfast-elsewhere-${person}-replica`]?.['AssumeRolePolicyDocument']);
      expect(trust, person).toContain(`arn:aws:iam::${account}:root`);
    }
    // Whom the plan names by ARN comes from the account that the ARN names.
    const approver = JSON.stringify(roles['holdfast-elsewhere-approver-replica']?.['AssumeRolePolicyDocument']);
    expect(approver).toContain('arn:aws:iam::111122223333:root');
    expect(approver).toContain('arn:aws:iam::111122223333:role/people/approver');
    expect(JSON.stringify(roles['holdfast-elsewhere-requester-replica'])).toContain(`arn:aws:iam::${account}:role/requester`);
    for (const name of Object.keys(roles))
      expect(JSON.stringify(rolePolicy([elsewhere.recovery], name)), name).not.toContain('111122223333');
  });
});

describe('records that follow', () => {
  const { pipeline, vault } = plans.ida;

  it('are heard of by an event of the vault, which calls one function', () => {
    expect(vault.Resources['VaultBucket']?.Properties['NotificationConfiguration']).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    const [[, rule] = []] = ofType(pipeline, 'AWS::Events::Rule');
    expect(rule?.Properties).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [expect.stringContaining('holdfast-ida-vault-')] },
          object: { key: [{ prefix: 'catalog/ida/' }, { prefix: 'evidence/ida/' }] },
        },
      },
      Targets: [{ Arn: expect.stringMatching(/:function:holdfast-ida-copy-follow-record$/) as string }],
    });
    const [[, permission] = []] = ofType(pipeline, 'AWS::Lambda::Permission');
    expect(permission?.Properties).toMatchObject({
      Principal: 'events.amazonaws.com',
      SourceArn: expect.stringMatching(/:rule\/holdfast-ida-records$/) as string,
    });
  });

  it('are looked for once a day', () => {
    const schedule = named(pipeline, 'AWS::Scheduler::Schedule', 'Name')['follow'] as { Target: { Arn: string } } | undefined;
    expect(schedule?.Target.Arn).toMatch(/:function:holdfast-ida-copy-follow-missing$/);
    expect(JSON.stringify(rolePolicy([pipeline], 'holdfast-ida-scheduler'))).toContain('copy-follow-missing');
  });
});
