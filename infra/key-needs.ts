import { packKeyNeeds } from '../core/restore/key-needs.ts';
import type { System } from './system.ts';

/** The variable `NEEDS` of the functions that judge points. */
export const keyNeeds = (system: System): string => JSON.stringify(packKeyNeeds(system.plan.assets));
