import { durationSeconds } from '../plan/durations.ts';
import type { KeyAsset } from '../plan/schema.ts';
import type { Guarded } from './contract.ts';

/** What the guard is told of each key asset: the variable `GUARDED`. */
export const guardedKeys = (keys: readonly Pick<KeyAsset, 'id' | 'objectives' | 'escrow'>[]): Guarded =>
  Object.fromEntries(
    keys.map(({ id, objectives, escrow: { schedule, rotationFunction } }) => [
      id,
      {
        limitSeconds: durationSeconds(objectives.rpo) + durationSeconds(schedule.longestRun),
        ...(rotationFunction === undefined ? {} : { rotationFunction }),
      },
    ]),
  );
