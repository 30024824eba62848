/** What every asset of a plan says, of whatever kind. */
import * as z from 'zod';
import { Objectives } from './schema-objectives.ts';
import { Gaps, slug } from './schema-parts.ts';

/** Fields of every asset. The name's length leaves room for the longest role name, holdfast-<system>-<asset>-restore. */
export const AssetCommon = {
  id: slug('an asset id', 24).describe('Name of the asset; part of object keys'),
  description: z.string().optional().describe('What this asset is, for people'),
  owner: z.string().optional().describe('Owner of this asset, when it is not the plan’s'),
  objectives: Objectives,
  gaps: Gaps.describe('What this asset’s protection knowingly lacks'),
};
