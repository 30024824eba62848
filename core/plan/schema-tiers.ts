/** Objectives that a provider publishes by name, and what an asset has to keep to for one. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

const TierName = z.string().trim().min(1).max(60).describe('Name of the tier');

const CadenceTier = z
  .strictObject({
    name: TierName,
    how: z.string().min(1).describe('By what it is reached, for people'),
    rpo: Duration.describe('The RPO that is promised'),
    every: Duration.describe('The longest time between two captures'),
    isProvided: z.boolean().default(true).describe('Whether backups reach it; false where it is only observed, as with a standby'),
  })
  .describe('A tier by how often is captured');

const SizeTier = z
  .strictObject({
    name: TierName,
    mostObjects: z.int().min(1).describe('The most objects that an asset of this tier holds'),
    rtoSameHost: Duration.describe('The RTO that is promised where the host is still there'),
    rtoNewHost: Duration.describe('The RTO that is promised on a new host'),
  })
  .describe('A tier by how much is restored');

export const Tiers = z
  .strictObject({
    cadence: z.array(CadenceTier).default([]).describe('By how often is captured: they promise an RPO'),
    size: z.array(SizeTier).default([]).describe('By how much is restored: they promise an RTO'),
  })
  .describe('Objectives that go by a name; assets refer to them');
export type Tiers = z.infer<typeof Tiers>;

export const AssetTier = z
  .strictObject({
    cadence: z.string().optional().describe('Name of one of `tiers.cadence`'),
    size: z.string().optional().describe('Name of one of `tiers.size`'),
    host: z.enum(['same', 'new']).default('new').describe('Which of the two RTOs of its size counts'),
    countedTables: z
      .array(z.string().regex(/^[^.]+\.[^.]+$/, 'schema.table'))
      .default([])
      .describe('Tables whose rows are its objects, as verify counted them; all tables when empty'),
  })
  .describe('Which published tier this asset keeps to');
