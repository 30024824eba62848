import type { VaultSide } from '../vault/side.ts';

/** For sentences. */
export const PLACE_NAMES: Record<VaultSide, string> = { vault: 'the vault’s region', replica: 'the replica’s region' };
