/** One system for all sweeps: its pipeline, its escrow, and a dump of next to nothing. */
import { inject } from 'vitest';
import { NO_NEEDS } from '../../core/restore/key-needs.ts';
import { NOBODY_OFFLINE } from '../../core/escrow/offline/contract.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from '../functions/escrow/escrow-world.ts';
import type { StoredDump } from './backup-tasks.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { makeSmallDump } from './small-dump.ts';

/** Each case has a key and a secret of its own. */
const KEYS = Array.from({ length: 1_000 }, (_, index) => `k${index}`);

export type World = Pipeline & { escrow: EscrowWorld; small: StoredDump; nextKey(): string };

export async function openWorld(): Promise<World> {
  const escrow = await makeEscrowWorld(inject('emulator'));
  const pipeline = await openPipeline(escrow.system);
  Object.assign(process.env, {
    KEYS: JSON.stringify(Object.fromEntries(KEYS.map((key) => [key, { secret: `${escrow.system}/${key}` }]))),
    ESCROW_BUCKET: escrow.bucketName(HOME),
    REPLICA_ESCROW_BUCKET: escrow.bucketName(REPLICA),
    ESCROW_KEY_ARN: escrow.escrowAliasArn(HOME),
    REPLICA_ESCROW_KEY_ARN: escrow.escrowAliasArn(REPLICA),
    FINGERPRINT_KEY_ARN: escrow.fingerprintKeyArn(HOME),
    REPLICA_FINGERPRINT_KEY_ARN: escrow.fingerprintKeyArn(REPLICA),
    OFFLINE: JSON.stringify(NOBODY_OFFLINE),
    NEEDS: JSON.stringify(NO_NEEDS),
  });
  const small = await makeSmallDump(pipeline);
  let taken = 0;
  return { ...pipeline, escrow, small, nextKey: () => KEYS[taken++] ?? '' };
}
