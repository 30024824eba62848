/** Network, tasks, functions, schedules and alarms of the pipeline, as the templates for AWS have them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HANDLERS } from '../../infra/handlers.ts';
import { INTERFACE_ENDPOINTS } from '../../infra/network.ts';
import { BackupInput } from '../../core/backup/contract.ts';
import { DrillInput } from '../../core/drill/contract.ts';
import { EscrowInput } from '../../core/escrow/contract.ts';
import { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { taskCommand } from '../../core/task-command.ts';
import { ofType, synthesize, type Template } from './synthesized.ts';

const ida = synthesize('ida').pipeline;
const elsewhere = synthesize('test/infra/existing-network.yaml').pipeline;
const TASKS = ['dump', 'verify', 'drill', 'restore'] as const;

type Rule = { FromPort: number; ToPort: number; IpProtocol: string; CidrIp?: string; DestinationSecurityGroupId?: string };
const groupsOf = (template: Template) =>
  Object.fromEntries(
    ofType(template, 'AWS::EC2::SecurityGroup').map(([, { Properties }]) => [
      String(Properties['GroupName']),
      {
        egress: (Properties['SecurityGroupEgress'] as Rule[]).map(
          (r) => `${r.IpProtocol} ${r.FromPort}-${r.ToPort} ${r.CidrIp ?? r.DestinationSecurityGroupId}`,
        ),
        ingress: ((Properties['SecurityGroupIngress'] ?? []) as Rule[]).map((r) => `${r.IpProtocol} ${r.FromPort}-${r.ToPort} ${r.CidrIp}`),
      },
    ]),
  );

describe('the network', () => {
  const https = 'tcp 443-443 0.0.0.0/0';

  it('lets dump and restore out to a peered database and to AWS, verify and drill to AWS alone, and nothing in', () => {
    const source = [https, 'tcp 5432-5432 10.0.0.0/8', 'tcp 5432-5432 172.16.0.0/12', 'tcp 5432-5432 192.168.0.0/16'];
    expect(groupsOf(ida)).toEqual({
      'holdfast-ida-dump': { egress: source, ingress: [] },
      'holdfast-ida-restore': { egress: source, ingress: [] },
      'holdfast-ida-verify': { egress: [https], ingress: [] },
      'holdfast-ida-drill': { egress: [https], ingress: [] },
      'holdfast-ida-endpoints': { egress: ['tcp 443-443 10.83.0.0/24'], ingress: ['tcp 443-443 10.83.0.0/24'] },
    });
  });

  it('in a network that is there reaches the database’s own group, which admits dump and restore alone', () => {
    const source = [https, 'tcp 5432-5432 sg-0d0d0d0d'];
    expect(groupsOf(elsewhere)).toEqual({
      'holdfast-elsewhere-dump': { egress: source, ingress: [] },
      'holdfast-elsewhere-restore': { egress: source, ingress: [] },
      'holdfast-elsewhere-verify': { egress: [https], ingress: [] },
      'holdfast-elsewhere-drill': { egress: [https], ingress: [] },
    });
    expect(
      ofType(elsewhere, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => [
        Properties['GroupId'],
        Properties['SourceSecurityGroupId'],
      ]),
    ).toEqual([
      ['sg-0d0d0d0d', '<DumpGroup.GroupId>'],
      ['sg-0d0d0d0d', '<RestoreGroup.GroupId>'],
    ]);
    for (const type of ['VPC', 'Subnet', 'VPCEndpoint', 'RouteTable']) expect(ofType(elsewhere, `AWS::EC2::${type}`)).toEqual([]);
  });

  it('runs verify and drill in the isolated subnets, dump and restore in those of the source', () => {
    const machines = ofType(elsewhere, 'AWS::StepFunctions::StateMachine').map(([, { Properties }]) => Properties);
    const definition = (stage: string) =>
      String(machines.find((m) => m['StateMachineName'] === `holdfast-elsewhere-${stage}`)?.['DefinitionString']);
    const places = [...definition('backup').matchAll(/"Subnets":\[([^\]]*)\],"SecurityGroups":\["<(\w+)Group/g)].map(
      ([, subnets, group]) => [group, subnets?.includes('subnet-0a000001'), subnets?.includes('subnet-0b000001')],
    );
    expect(places).toEqual([
      ['Dump', true, false],
      ['Verify', false, true],
    ]);
    expect(definition('drill')).toContain('subnet-0b000001');
    expect(definition('drill')).not.toContain('subnet-0a000001');
    expect(definition('restore')).toContain('subnet-0a000001');
  });

  it('of its own has exactly the endpoints that tasks need, no NAT, no internet gateway, and says what to peer', () => {
    const endpoints = ofType(ida, 'AWS::EC2::VPCEndpoint').map(
      ([, { Properties }]) => `${String(Properties['VpcEndpointType'])} ${String(Properties['ServiceName'])}`,
    );
    expect(endpoints.sort()).toEqual(
      ['Gateway com.amazonaws.eu-central-1.s3', ...INTERFACE_ENDPOINTS.map((s) => `Interface com.amazonaws.eu-central-1.${s}`)].sort(),
    );
    expect([...INTERFACE_ENDPOINTS].sort()).toEqual(['ecr.api', 'ecr.dkr', 'kms', 'logs', 'secretsmanager', 'states']);
    for (const type of ['NatGateway', 'InternetGateway', 'VPCGatewayAttachment', 'Route', 'EIP'])
      expect(ofType(ida, `AWS::EC2::${type}`)).toEqual([]);
    expect(ida.Outputs).toHaveProperty('PeerTheDatabase');
  });

  it('lets credentials of another account, and other people’s buckets, go nowhere', () => {
    for (const [, { Properties }] of ofType(ida, 'AWS::EC2::VPCEndpoint')) {
      const policy = JSON.stringify(Properties['PolicyDocument']);
      if (Properties['VpcEndpointType'] === 'Interface') expect(policy).toContain('"aws:PrincipalAccount":"111122223333"');
      else expect(policy).not.toContain('"Resource":"*"');
    }
  });
});

type Container = {
  Name: string;
  User: string;
  Essential: boolean;
  ReadonlyRootFilesystem: boolean;
  Command: string[];
  Environment: { Name: string; Value: string }[];
  Secrets?: unknown;
  MountPoints: { SourceVolume: string; ContainerPath: string }[];
  LinuxParameters: { Capabilities: { Drop: string[] } };
};

describe('the tasks', () => {
  const definitions = ofType(ida, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties);
  const definition = (task: string) => {
    const found = definitions.find((d) => d['Family'] === `holdfast-ida-postgres-${task}`);
    return { ...found, containers: found?.['ContainerDefinitions'] as Container[] };
  };

  it('are the four of the asset, each under a role of its own', () => {
    expect(definitions.map((d) => String(d['Family'])).sort()).toEqual([...TASKS].map((task) => `holdfast-ida-postgres-${task}`).sort());
    expect(new Set(definitions.map((d) => d['TaskRoleArn'])).size).toBe(TASKS.length);
  });

  it('give a restore the room that a drill has: both fetch a whole archive', () => {
    const room = (task: string) => (definition(task) as { EphemeralStorage?: { SizeInGiB: number } }).EphemeralStorage?.SizeInGiB;
    expect(room('drill')).toBe(100);
    expect(room('restore')).toBe(room('drill'));
  });

  it.each(TASKS)('%s runs as nobody in particular, on a root that it cannot write, without capabilities and without secrets', (task) => {
    for (const container of definition(task).containers) {
      expect(container.User).toMatch(/^1000[12]:1000[12]$/);
      expect(container.ReadonlyRootFilesystem).toBe(true);
      expect(container.LinuxParameters.Capabilities.Drop).toEqual(['ALL']);
      expect(container.Secrets).toBeUndefined();
    }
    expect(definition(task).containers[0]).toMatchObject({
      Name: 'runner',
      User: '10001:10001',
      Essential: true,
      Command: taskCommand(task),
    });
  });

  it.each(['dump', 'verify', 'restore'])('%s can write one volume', (task) => {
    expect(definition(task).containers.map((c) => c.MountPoints.map((m) => m.ContainerPath))).toEqual([['/scratch']]);
  });

  it('drill’s database is another user with an empty environment, and shares only the socket with the runner', () => {
    const [runner, database] = definition('drill').containers;
    expect(database).toMatchObject({ Name: 'database', User: '10002:10002', Environment: [] });
    expect(database?.Command.slice(0, 4)).toEqual(['sh', 'tasks/drill/database.sh', '/holdfast/socket', '/holdfast-data']);
    const shared = runner?.MountPoints.filter((m) => database?.MountPoints.some((other) => other.SourceVolume === m.SourceVolume));
    expect(shared?.map((m) => m.ContainerPath)).toEqual(['/holdfast/socket']);
  });

  it('find their part of the plan in their environment, whole', () => {
    const environment = Object.fromEntries(definition('dump').containers[0]?.Environment.map((e) => [e.Name, e.Value]) ?? []);
    expect(PostgresAsset.parse(JSON.parse(environment['ASSET_PLAN'] ?? '')).source.secret).toBe('ida/postgres');
  });

  it('of a drill are large enough for runner, database and application together, in a size that Fargate sells', () => {
    const drill = ofType(elsewhere, 'AWS::ECS::TaskDefinition').find(
      ([, { Properties }]) => Properties['Family'] === 'holdfast-elsewhere-orders-drill',
    );
    expect(drill?.[1].Properties).toMatchObject({ Cpu: '2048', Memory: '11264', EphemeralStorage: { SizeInGiB: 100 } });
  });
});

describe('the functions', () => {
  it('are all that there are handlers for, each under its own role and with its own log group', () => {
    const functions = ofType(ida, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    // Without receivers in the plan nothing notifies any; nothing is stopped, probed or played that no plan names.
    const unused = ['notify/send-notice', 'drill/judge-scenario'];
    const handlers = HANDLERS.filter((handler) => !unused.includes(handler) && !/^(quiesce|validation)\//.test(handler));
    expect(functions.map((f) => String(f['Handler'])).sort()).toEqual(handlers.map((h) => `${h}.handler`).sort());
    expect(new Set(functions.map((f) => f['Role'])).size).toBe(handlers.length);
    for (const f of functions)
      expect(f).toMatchObject({ Runtime: 'nodejs24.x', LoggingConfig: { LogGroup: `/aws/lambda/${String(f['FunctionName'])}` } });
  });

  it('have environments of at most 4 KB', () => {
    for (const [id, { Properties }] of ofType(ida, 'AWS::Lambda::Function'))
      expect(JSON.stringify(Properties['Environment']).length, id).toBeLessThan(4096);
  });
});

describe('the schedules', () => {
  const schedules = Object.fromEntries(
    ofType(ida, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => [String(Properties['Name']), Properties]),
  );
  const targetOf = (name: string) => (schedules[name] ?? {})['Target'] as { Input: string };
  const inputOf = (name: string) => JSON.parse(targetOf(name).Input) as Record<string, string>;

  it('are one per backup, drill and key, and one each of retention, audit, the comparison with the replica, the watcher and that of the keys', () =>
    expect(Object.keys(schedules).sort()).toEqual([
      'audit',
      'follow',
      'postgres-backup',
      'postgres-drill',
      'retention',
      'wallet-encryption-key-escrow',
      'watch',
      'watch-keys',
    ]));

  it('hand over what the machines take', () => {
    const { slot, ...backup } = inputOf('postgres-backup');
    expect(slot).toBe('<aws.scheduler.scheduled-time>');
    expect(BackupInput.parse({ ...backup, slot: '2026-11-21T01:15:00Z' }).asset).toBe('postgres');
    expect(DrillInput.parse(inputOf('postgres-drill')).asset).toBe('postgres');
    expect(EscrowInput.parse(inputOf('wallet-encryption-key-escrow')).key).toBe('wallet-encryption-key');
  });

  it('have the plan’s time zone, retries and a dead-letter queue', () => {
    for (const schedule of Object.values(schedules))
      expect(schedule).toMatchObject({
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          RetryPolicy: { MaximumRetryAttempts: 10 },
          DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:111122223333:holdfast-ida-not-started' },
        },
      });
    const berlin = ofType(elsewhere, 'AWS::Scheduler::Schedule').find(([, { Properties }]) => Properties['Name'] === 'orders-backup');
    expect(berlin?.[1].Properties['ScheduleExpressionTimezone']).toBe('Europe/Berlin');
  });
});

describe('the alarms', () => {
  const anchors = new Set(
    readFileSync('docs/runbook.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .map((line) =>
        line
          .replace(/^#+ /, '')
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      ),
  );
  const alarms = [ida, elsewhere].flatMap((template) => ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties));

  it.each(alarms.map((a) => [String(a['AlarmName']), a] as const))(
    '%s names a heading that the runbook has, and tells the topic',
    (_, alarm) => {
      const anchor = /docs\/runbook\.md#([a-z0-9-]+)$/.exec(String(alarm['AlarmDescription']))?.[1];
      expect(anchors).toContain(anchor);
      expect(alarm['AlarmActions']).toHaveLength(1);
    },
  );

  it('go off when a machine fails, takes too long or is stopped, when nothing started, and when no point was made', () => {
    const names = alarms.map((a) => String(a['AlarmName'])).filter((name) => name.startsWith('holdfast-ida-'));
    const machines = ofType(ida, 'AWS::StepFunctions::StateMachine').length;
    expect(names).toHaveLength(machines * 3 + 2 + 1 + 3 + 6 + 4 + 2);
    const silence = alarms.find((a) => a['AlarmName'] === 'holdfast-ida-postgres-no-point');
    // The declared gap of 25 hours, and the hour that a run may take.
    expect(silence).toMatchObject({
      Period: 3600,
      EvaluationPeriods: 26,
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
    });
  });

  it('use the plan’s own topic where it has one', () => {
    expect(ofType(elsewhere, 'AWS::SNS::Topic')).toEqual([]);
    expect(JSON.stringify(ofType(elsewhere, 'AWS::CloudWatch::Alarm'))).toContain('arn:aws:sns:eu-central-1:111122223333:pages');
  });
});
