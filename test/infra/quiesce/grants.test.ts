/** What the functions that stop and put back may do: what the plan names, and nothing beside it. */
import { describe, expect, it } from 'vitest';
import { decide } from '../policy-matcher.ts';
import { ACCOUNT, ofType, rolePolicy, synthesize } from '../synthesized.ts';

const { pipeline, recovery } = synthesize('test/infra/existing-network.yaml');
const HOME = `eu-central-1:${ACCOUNT}`;
const may = (name: 'stop' | 'check' | 'start', action: string, resource: string, context = {}) => {
  const role = `holdfast-elsewhere-quiesce-${name}`;
  return decide(
    { principal: `arn:aws:iam::${ACCOUNT}:role/${role}`, action, resource, context },
    { identity: rolePolicy([pipeline], role) },
  ).outcome;
};
const service = (name: string) => `arn:aws:ecs:${HOME}:service/${name}`;
const RUN = '20261121T011500Z-3fa9c1';
const paper = (name: string) =>
  `arn:aws:s3:::holdfast-elsewhere-vault-${ACCOUNT}-eu-central-1/restores/elsewhere/customers/${RUN}/${name}.json`;
const shop = { 'ssm:resourceTag/role': 'shop' };
const ofEcs = {
  'application-autoscaling:service-namespace': 'ecs',
  'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
};
const target = `arn:aws:application-autoscaling:${HOME}:scalable-target/0ec5`;

describe('the functions that stop and put back', () => {
  it.each([
    ['scale a service of the plan', 'ecs:UpdateService', service('shop/api'), {}],
    ['suspend the scaling of ECS services', 'application-autoscaling:RegisterScalableTarget', target, ofEcs],
    ['call a function of the plan', 'lambda:InvokeFunction', `arn:aws:lambda:${HOME}:function:shop-feed`, {}],
    ['tell people what to do', 'sns:Publish', 'arn:aws:sns:eu-central-1:111122223333:pages', {}],
    ['send the shipped document', 'ssm:SendCommand', `arn:aws:ssm:${HOME}:document/holdfast-elsewhere-compose`, {}],
    ['command a host of the plan', 'ssm:SendCommand', `arn:aws:ssm:${HOME}:managed-instance/mi-0a1b2c3d4e5f60001`, {}],
    ['command a host with the tag of the plan', 'ssm:SendCommand', `arn:aws:ec2:${HOME}:instance/i-0a1b2c3d4e5f60009`, shop],
    ['write down what is stopped', 's3:PutObject', paper('quiesce-00-stopping'), {}],
  ])('%s', (_what, action, resource, context) => {
    for (const name of ['stop', 'start'] as const) expect(may(name, action, resource, context), name).toBe('allowed');
  });

  it.each([
    ['scale no other service', 'ecs:UpdateService', service('shop/billing'), {}],
    ['scale none of another cluster', 'ecs:UpdateService', service('other/api'), {}],
    ['delete none', 'ecs:DeleteService', service('shop/api'), {}],
    [
      'suspend no scaling of a database',
      'application-autoscaling:RegisterScalableTarget',
      target,
      { ...ofEcs, 'application-autoscaling:service-namespace': 'rds' },
    ],
    ['call no other function', 'lambda:InvokeFunction', `arn:aws:lambda:${HOME}:function:shop-billing`, {}],
    ['run no document of AWS’s on a host', 'ssm:SendCommand', 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript', {}],
    ['command no other host', 'ssm:SendCommand', `arn:aws:ec2:${HOME}:instance/i-0a1b2c3d4e5f60009`, { 'ssm:resourceTag/role': 'other' }],
    ['say of nobody that he ticked a step', 's3:PutObject', paper('ticked-04-stop'), {}],
    ['read no paper of another kind', 's3:GetObject', paper('restored'), {}],
  ])('%s', (_what, action, resource, context) => {
    for (const name of ['stop', 'check', 'start'] as const) expect(may(name, action, resource, context), name).not.toBe('allowed');
  });

  it('look only, where that is what one is for', () => {
    expect(may('check', 'ecs:DescribeServices', service('shop/api'))).toBe('allowed');
    for (const [action, resource] of [
      ['ecs:UpdateService', service('shop/api')],
      ['application-autoscaling:RegisterScalableTarget', target],
      ['s3:PutObject', paper('quiesce-00-stopping')],
      ['sns:Publish', 'arn:aws:sns:eu-central-1:111122223333:pages'],
    ] as const)
      expect(may('check', action, resource, ofEcs), action).not.toBe('allowed');
  });

  it('are where a database may be replaced, with the document, and nowhere where no plan asks for them', () => {
    expect(ofType(pipeline, 'AWS::SSM::Document')).toHaveLength(1);
    const functions = (template: typeof pipeline) =>
      ofType(template, 'AWS::Lambda::Function').filter(([id]) => id.startsWith('Quiesce')).length;
    expect([functions(pipeline), functions(recovery), functions(synthesize('ida').pipeline)]).toEqual([3, 0, 0]);
  });
});
