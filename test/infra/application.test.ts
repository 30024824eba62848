import { describe, expect, it } from 'vitest';
import { decide, type PolicyDocument } from './policy-matcher.ts';
import { ofType, roleNames, rolePolicy, synthesize, type Template } from './synthesized.ts';

const { pipeline, recovery } = synthesize('test/infra/existing-network.yaml');
const plain = synthesize('ida').pipeline;

type Container = Record<string, unknown> & {
  Name: string;
  Command: string[];
  MountPoints: { SourceVolume: string; ContainerPath: string }[];
};
function drillOf(template: Template, family: string) {
  const found = ofType(template, 'AWS::ECS::TaskDefinition').find(([, { Properties }]) => Properties['Family'] === family);
  return (found?.[1].Properties['ContainerDefinitions'] ?? []) as Container[];
}
const containers = drillOf(pipeline, 'holdfast-elsewhere-orders-drill');
const [runner, database, application] = containers;

const EXECUTION = ['holdfast-elsewhere-task-execution', 'holdfast-elsewhere-task-execution-replica'];
const allows = (identity: PolicyDocument, action: string, resource: string) =>
  decide({ principal: 'arn:aws:iam::111122223333:role/any', action, resource }, { identity }).outcome === 'allowed';

describe('an application that a drill brings up', () => {
  it('is a third container of its task, and of no other', () => {
    expect(containers.map(({ Name }) => Name)).toEqual(['runner', 'database', 'application']);
    expect(drillOf(pipeline, 'holdfast-elsewhere-customers-drill').map(({ Name }) => Name)).toEqual(['runner', 'database']);
    expect(drillOf(plain, 'holdfast-ida-postgres-drill').map(({ Name }) => Name)).toEqual(['runner', 'database']);
  });

  it('runs the plan’s command as the plan’s user, without capabilities, secrets, environment or an init process that would keep one', () => {
    expect(application).toMatchObject({
      Image: expect.stringContaining('/shop/api@sha256:') as string,
      User: '10003:10003',
      Essential: false,
      Command: ['node', 'server.js'],
      Environment: [],
      PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
      DependsOn: [{ ContainerName: 'runner', Condition: 'START' }],
      LinuxParameters: { InitProcessEnabled: false, Capabilities: { Drop: ['ALL'] } },
    });
    expect(application?.['Secrets']).toBeUndefined();
  });

  it('shares one volume with the runner, and nothing with the database', () => {
    const paths = (container: Container | undefined) => container?.MountPoints.map(({ ContainerPath }) => ContainerPath);
    expect(paths(application)).toEqual(['/holdfast/application']);
    expect(paths(runner)).toEqual(['/scratch', '/holdfast/socket', '/holdfast/application']);
    expect(paths(database)).toEqual(['/holdfast/socket', '/holdfast-data']);
  });

  it('has the runner read what it is given and nobody else’s secrets, and lets nobody in from outside of the task', () => {
    const policy = rolePolicy([pipeline], 'holdfast-elsewhere-orders-drill');
    const may = (secret: string) =>
      allows(policy, 'secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${secret}-AbCdEf`);
    expect([may('elsewhere/known-account'), may('elsewhere/mail')]).toEqual([true, true]);
    expect([may('elsewhere/orders'), may('elsewhere/orders-restore'), may('elsewhere/probe')]).toEqual([false, false, false]);
    const groups = ofType(pipeline, 'AWS::EC2::SecurityGroup').filter(([, { Properties }]) =>
      String(Properties['GroupName']).endsWith('-drill'),
    );
    for (const [, { Properties }] of groups)
      expect(Properties).toMatchObject({ SecurityGroupIngress: [], SecurityGroupEgress: [{ FromPort: 443, ToPort: 443 }] });
    expect(groups).toHaveLength(1);
  });

  it('is pulled by ECS from its own repository, in each region from that region’s', () => {
    const pulls = (template: Template, repository: string) =>
      allows(rolePolicy([template], EXECUTION.find((role) => roleNames([template]).includes(role)) ?? ''), 'ecr:BatchGetImage', repository);
    const [home, replica] = ['eu-central-1:111122223333', 'eu-west-1:444455556666'].map(
      (place) => `arn:aws:ecr:${place}:repository/shop/api`,
    ) as [string, string];
    expect([pulls(pipeline, home), pulls(pipeline, replica)]).toEqual([true, false]);
    expect([pulls(recovery, home), pulls(recovery, replica)]).toEqual([false, true]);
    expect(drillOf(recovery, 'holdfast-elsewhere-orders-drill')[2]?.['Image']).toContain('444455556666.dkr.ecr.eu-west-1');
  });
});
