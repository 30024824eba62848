/**
 * The protection plan: what a system's owner and its operator agreed. One YAML file per system, one schema, no second definition
 * of any field. Everything that reads a plan reads it through `ProtectionPlan`; `parsePlan` (load.ts) makes one from a file's text.
 */
import * as z from 'zod';
import { Agreement } from './schema-agreement.ts';
import { Asset } from './schema-assets.ts';
import { Notifications } from './schema-notifications.ts';
import { Account, Duration, Gaps, Region, slug } from './schema-parts.ts';
import { Scenario } from './schema-scenarios.ts';
import { Tiers } from './schema-tiers.ts';

export { Asset, DumpOptions, PostgresAsset, PostgresSource } from './schema-assets.ts';
export { KeyAsset } from './schema-key.ts';
export { KeyCanary } from './schema-canary.ts';
export { Drill, DrillCheck } from './schema-drill.ts';
export { DeclaredGap, Duration, Retention, Schedule } from './schema-parts.ts';

const Role = z.string().min(1).describe('An IAM role name or ARN');

const Subnets = z.array(z.string().regex(/^subnet-[0-9a-f]+$/, 'a subnet id, such as subnet-0a1b2c3d')).min(1);

const Network = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('existing').describe('A VPC that is there already'),
        vpcId: z
          .string()
          .regex(/^vpc-[0-9a-f]+$/, 'a VPC id, such as vpc-0a1b2c3d')
          .describe('The VPC'),
        availabilityZones: z.array(z.string()).min(1).describe('Availability zones of the subnets, in the same order'),
        sourceSubnets: Subnets.describe('Subnets from which dump and restore reach the database'),
        isolatedSubnets: Subnets.describe('Subnets of verify and drill: routes to the S3 gateway and interface endpoints alone'),
        databaseSecurityGroup: z
          .string()
          .regex(/^sg-[0-9a-f]+$/, 'a security group id, such as sg-0a1b2c3d')
          .describe('Security group of the database, to which dump and restore are admitted'),
      })
      .describe('A VPC that is there already'),
    z
      .strictObject({
        kind: z.literal('new').describe('A VPC of its own, with the endpoints it needs and no NAT'),
        cidr: z
          .string()
          .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2[0-6])$/, 'an IPv4 range of /16 to /26, such as 10.83.0.0/24')
          .default('10.83.0.0/24')
          .describe('IPv4 range of the VPC; it must not overlap with what it is peered with'),
      })
      .describe('A VPC of its own, with the endpoints it needs and no NAT'),
  ])
  .describe('Where the tasks run');

export const ProtectionPlan = z
  .strictObject({
    version: z.literal(1).describe('Version of the plan’s format'),
    system: slug('a system name', 16).describe('Name of the system; part of every resource name'),
    description: z.string().optional().describe('What the system is, for people'),
    owner: z.string().min(1).describe('Who owns the data'),
    operator: z.string().min(1).describe('Who runs the backups'),
    roles: z
      .strictObject({
        requesters: z.array(Role).min(1).describe('Who may ask for a restore: IAM role names or ARNs'),
        approvers: z.array(Role).min(1).describe('Who may approve one: IAM role names or ARNs'),
      })
      .describe('Who may ask for a restore and who may approve it'),
    classification: z.enum(['public', 'internal', 'confidential', 'restricted']).describe('Class of the data'),
    home: z
      .strictObject({ region: Region, account: Account.optional().describe('Account of the vault; that of the deployment when absent') })
      .describe('Where the vault is'),
    replica: z
      .strictObject({
        region: Region,
        account: Account.optional().describe('Account of the replica vault; that of the deployment when absent'),
      })
      .describe('Where the replica vault is'),
    recovery: z
      .strictObject({
        network: Network.prefault({ kind: 'new', cidr: '10.84.0.0/24' }),
        alarmTopic: z
          .string()
          .startsWith('arn:')
          .optional()
          .describe('ARN of an existing SNS topic of the second region for failures there; one is made when absent'),
      })
      .prefault({})
      .describe('The second region, where drills and restores read the replica vault and work without the home region'),
    sourceAccount: Account.optional().describe('Account of the databases, when it is known'),
    network: Network,
    alarmTopic: z.string().startsWith('arn:').optional().describe('ARN of an existing SNS topic for failures; one is made when absent'),
    notifications: Notifications,
    evidence: z
      .strictObject({ retention: Duration.default('P10Y').describe('How long evidence is locked') })
      .prefault({})
      .describe('Records of drills, restores and escrow'),
    agreement: Agreement.optional(),
    tiers: Tiers.optional(),
    assets: z.array(Asset).min(1).describe('Everything that this plan protects'),
    scenarios: z.array(Scenario).default([]).describe('Losses that are played through by name'),
    gaps: Gaps.describe('What the plan as a whole knowingly lacks'),
  })
  .describe('A protection plan');
export type ProtectionPlan = z.infer<typeof ProtectionPlan>;
