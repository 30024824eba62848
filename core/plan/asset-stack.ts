import { createHash } from 'node:crypto';

/** How many numbered stacks hold what belongs to single assets: of 300 databases none gets more than a template can hold. */
export const ASSET_STACKS = 20;

/** From 1. By the id alone, so that an asset stays where it is whatever becomes of others; another number of stacks would move most. */
export const assetStackOf = (asset: string): number => (createHash('sha256').update(asset).digest().readUInt32BE(0) % ASSET_STACKS) + 1;
