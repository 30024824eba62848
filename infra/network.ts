/**
 * Where the tasks run: subnets and security groups of the plan's network, or a VPC of its own whose only ways out are the endpoints
 * of the services that the tasks use. Egress is inline, so that a group is whole in one place.
 */
import { CfnOutput, Fn } from 'aws-cdk-lib';
import {
  CfnFlowLog,
  CfnRouteTable,
  CfnSecurityGroup,
  CfnSecurityGroupIngress,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { TaskName } from '../core/names.ts';
import type { TaskNetwork } from './asl/fargate-task.ts';
import { makeRole } from './policy.ts';
import type { Settings } from './settings.ts';
import { arn, bucketArn, type System } from './system.ts';

export type TaskNetworks<T extends TaskName> = Record<T, TaskNetwork>;

/** What PostgreSQL listens on; poolers and providers that use another port name it in the secret, and need a rule of their own. */
const POSTGRES_PORT = 5432;
const HTTPS_PORT = 443;

/** Private ranges: where a peered database is. A VPC without a way out has no other route to them than a peering. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** The services that tasks call, each by an interface endpoint; S3 has a gateway. In the second region nothing asks Step Functions. */
export const INTERFACE_ENDPOINTS = ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'kms', 'states'] as const;

/** Tasks that reach the database; the others reach AWS alone. */
const REACHES_SOURCE: Record<TaskName, boolean> = { dump: true, restore: true, verify: false, drill: false };

type Egress = CfnSecurityGroup.EgressProperty;
const https: Egress = {
  ipProtocol: 'tcp',
  fromPort: HTTPS_PORT,
  toPort: HTTPS_PORT,
  cidrIp: '0.0.0.0/0',
  description: 'AWS, through the endpoints',
};

/** @param tasks those that run in this region */
export function makeNetwork<T extends TaskName>(
  stack: Construct,
  system: System,
  settings: Settings,
  tasks: readonly T[],
): TaskNetworks<T> {
  const { network } = system.plan;
  const reaching = tasks.filter((task) => REACHES_SOURCE[task]);
  if (network.kind === 'existing') {
    const groups = makeGroups(stack, system, tasks, network.vpcId, [
      { ...postgres, destinationSecurityGroupId: network.databaseSecurityGroup },
    ]);
    for (const task of reaching) {
      new CfnSecurityGroupIngress(stack, `DatabaseAdmits${pascal(task)}`, {
        groupId: network.databaseSecurityGroup,
        ...postgres,
        sourceSecurityGroupId: groups[task],
        description: `Holdfast ${system.name}: ${task}`,
      });
    }
    return placeTasks(tasks, groups, network.sourceSubnets, network.isolatedSubnets);
  }
  const { vpcId, subnets } = makeVpc(stack, system, settings, network.cidr);
  const groups = makeGroups(
    stack,
    system,
    tasks,
    vpcId,
    PRIVATE_RANGES.map((cidrIp) => ({ ...postgres, cidrIp })),
  );
  new CfnOutput(stack, 'PeerTheDatabase', {
    description: `What is left to do before the first ${system.side === 'vault' ? 'backup' : 'restore'}`,
    value: Fn.join('', [
      'Peer ',
      vpcId,
      ` (${network.cidr}) with the VPC of the database, route between them, and let the security groups `,
      ...reaching.flatMap((task, i) => [i === 0 ? '' : ' and ', groups[task], ` (${task})`]),
      ` in to port ${POSTGRES_PORT} of the database`,
    ]),
  });
  return placeTasks(tasks, groups, subnets, subnets);
}

const postgres = { ipProtocol: 'tcp', fromPort: POSTGRES_PORT, toPort: POSTGRES_PORT, description: 'PostgreSQL' };

const ofEach = <T extends TaskName, V>(tasks: readonly T[], of: (task: T) => V) =>
  Object.fromEntries(tasks.map((task) => [task, of(task)])) as Record<T, V>;

const placeTasks = <T extends TaskName>(tasks: readonly T[], groups: Record<T, string>, source: string[], isolated: string[]) =>
  ofEach(tasks, (task) => ({ subnets: REACHES_SOURCE[task] ? source : isolated, securityGroups: [groups[task]] }));

const makeGroups = <T extends TaskName>(stack: Construct, system: System, tasks: readonly T[], vpcId: string, toDatabase: Egress[]) =>
  ofEach(
    tasks,
    (task) =>
      new CfnSecurityGroup(stack, `${pascal(task)}Group`, {
        groupName: `holdfast-${system.name}-${task}`,
        groupDescription: `Holdfast ${system.name}: ${REACHES_SOURCE[task] ? `${task} reaches the database and AWS` : `${task} reaches AWS alone`}`,
        vpcId,
        securityGroupEgress: [https, ...(REACHES_SOURCE[task] ? toDatabase : [])],
        securityGroupIngress: [],
      }).attrGroupId,
  );

function makeVpc(stack: Construct, system: System, settings: Settings, cidr: string): { vpcId: string; subnets: string[] } {
  const vpc = new CfnVPC(stack, 'Vpc', { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true });
  Tags.of(vpc).add('Name', `holdfast-${system.name}`);
  const routes = new CfnRouteTable(stack, 'Routes', { vpcId: vpc.ref });
  // Half of the range each: a subnet cannot be made larger later.
  const halves = Fn.cidr(cidr, 2, String(32 - Number(cidr.split('/')[1]) - 1));
  const subnets = [0, 1].map((i) => {
    const subnet = new CfnSubnet(stack, `Subnet${i + 1}`, {
      vpcId: vpc.ref,
      availabilityZone: Fn.select(i, Fn.getAzs(system.home.region)),
      cidrBlock: Fn.select(i, halves),
      mapPublicIpOnLaunch: false,
    });
    new CfnSubnetRouteTableAssociation(stack, `Subnet${i + 1}Routes`, { subnetId: subnet.ref, routeTableId: routes.ref });
    return subnet.ref;
  });
  logFlows(stack, system, settings, vpc.ref);
  makeEndpoints(stack, system, { vpcId: vpc.ref, cidr, subnets, routeTableId: routes.ref });
  return { vpcId: vpc.ref, subnets };
}

function makeEndpoints(
  stack: Construct,
  system: System,
  vpc: { vpcId: string; cidr: string; subnets: string[]; routeTableId: string },
): void {
  const { region, partition } = system.home;
  const prefix = partition === 'aws-cn' ? 'cn.com.amazonaws' : 'com.amazonaws';
  const group = new CfnSecurityGroup(stack, 'EndpointGroup', {
    groupName: `holdfast-${system.name}-endpoints`,
    groupDescription: `Holdfast ${system.name}: the VPC reaches the endpoints`,
    vpcId: vpc.vpcId,
    securityGroupIngress: [
      { ipProtocol: 'tcp', fromPort: HTTPS_PORT, toPort: HTTPS_PORT, cidrIp: vpc.cidr, description: 'Tasks of this VPC' },
    ],
    // Without a rule EC2 would write one that allows everything.
    securityGroupEgress: [
      { ipProtocol: 'tcp', fromPort: HTTPS_PORT, toPort: HTTPS_PORT, cidrIp: vpc.cidr, description: 'Endpoints only answer' },
    ],
  });
  for (const service of INTERFACE_ENDPOINTS.filter((one) => system.side === 'vault' || one !== 'states')) {
    new CfnVPCEndpoint(stack, `${service.split('.').map(pascal).join('')}Endpoint`, {
      vpcId: vpc.vpcId,
      vpcEndpointType: 'Interface',
      serviceName: `${prefix}.${region}.${service}`,
      subnetIds: vpc.subnets,
      securityGroupIds: [group.attrGroupId],
      privateDnsEnabled: true,
      policyDocument: ownAccountOnly(system),
    });
  }
  new CfnVPCEndpoint(stack, 'S3Endpoint', {
    vpcId: vpc.vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: `com.amazonaws.${region}.s3`,
    routeTableIds: [vpc.routeTableId],
    policyDocument: ownBucketsOnly(system),
  });
}

/** What runs inside a restored dump may bring credentials of its own: they are of no use here. */
const ownAccountOnly = (system: System) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': system.home.account } },
    },
  ],
});

/** The system's own buckets, and the one from which ECR serves the layers of images. */
const ownBucketsOnly = (system: System) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OwnBuckets',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:*',
      Resource: [system.vaultBucket, system.escrowBucket].flatMap((name) => [
        bucketArn(system.home, name),
        `${bucketArn(system.home, name)}/*`,
      ]),
    },
    {
      Sid: 'ImageLayers',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: [`${bucketArn(system.home, `prod-${system.home.region}-starport-layer-bucket`)}/*`],
    },
  ],
});

function logFlows(stack: Construct, system: System, settings: Settings, vpcId: string): void {
  const logGroupName = `/holdfast/${system.name}/flows`;
  const logGroup = new CfnLogGroup(stack, 'FlowLogs', { logGroupName, retentionInDays: settings.logRetentionDays });
  logGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  const role = makeRole(stack, 'FlowLogRole', {
    roleName: system.flowLogRole,
    description: `Holdfast ${system.name}: writes the flow log of the VPC`,
    trust: { service: 'vpc-flow-logs.amazonaws.com', conditions: { StringEquals: { 'aws:SourceAccount': system.home.account } } },
    statements: [
      {
        sid: 'Log',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [arn(system.home, 'logs', `log-group:${logGroupName}:*`)],
        why: 'Streams of the flow log’s own group are named by EC2.',
      },
    ],
  });
  const flows = new CfnFlowLog(stack, 'Flows', {
    resourceType: 'VPC',
    resourceId: vpcId,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName,
    deliverLogsPermissionArn: role.attrArn,
  });
  flows.addResourceDependency(logGroup);
}

const pascal = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
