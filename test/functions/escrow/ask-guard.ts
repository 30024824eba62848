import { guardRotation } from '../../../functions/escrow/guard-rotation.ts';
import { HOME, REPLICA, type EscrowWorld } from './escrow-world.ts';

/** Whether the key's secret may be rotated, by what stands in both regions at that time. */
export const askGuardOf = (world: EscrowWorld, key: string, now: Date) =>
  guardRotation(
    { key },
    {
      system: world.system,
      source: world.listPorts().source,
      keys: world.keys,
      guarded: { [key]: { limitSeconds: 90_000 } },
      places: [HOME, REPLICA].map((region) => ({ name: region, escrow: world.bucket(region, world.roles.dump).reader })),
      rotate: () => Promise.resolve(),
      now: () => now,
    },
  );
