import { LOGICAL_TOOLS } from './shell.ts';
import { ownTool } from './own.ts';
import type { OwnSettings } from './own-asset.ts';
import type { Tool } from './peer.ts';
import { PHYSICAL_TOOLS } from './physical.ts';

/** Two workers: the machine that the goals are for has two cores. */
export const OWN_SETTINGS: OwnSettings = { format: 'segmented', workers: 2 };

export const OWN = ownTool('holdfast', '`holdfast`, segmented, 2 workers', OWN_SETTINGS);

export const TOOLS: readonly Tool[] = [
  OWN,
  ...LOGICAL_TOOLS,
  ...PHYSICAL_TOOLS,
  ownTool('holdfast-custom', '`holdfast`, `format: custom`', { format: 'custom', workers: 2 }),
];
