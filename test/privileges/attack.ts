/** Every attack under every role, and what stops it. */
import { askOf } from '../infra/asks.ts';
import type { Synthesized } from '../infra/synthesized.ts';
import { isLike, shortName } from './account-for.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import type { Role } from './grants.ts';

export type Outcome = {
  role: Role;
  /** Without the system's name. */
  short: string;
  attack: Attack;
  /** The attack is known to be within the role's work. */
  isKnown: boolean;
  isStopped: boolean;
  /** `own policy`, or the statements of buckets and keys that refuse it. */
  by: string[];
};

const NAMES = { system: 'ida', assets: ['postgres'] };

export function attackAll(roles: readonly Role[], synthesized: Synthesized): Outcome[] {
  const ask = askOf(NAMES.system, synthesized);
  return roles.flatMap((role) =>
    ATTACKS.map((attack) => {
      const short = shortName(role.name, NAMES);
      const tries = attack.tries(role.name, ask).map((steps) => steps.find(({ outcome }) => outcome !== 'allowed'));
      const by = tries.flatMap((stop) => (stop === undefined ? [] : [stop.outcome === 'denied' ? stop.by : 'own policy']));
      return {
        role,
        short,
        attack,
        isKnown: attack.may?.roles.some((pattern) => isLike(short, pattern)) ?? false,
        isStopped: tries.every((stop) => stop !== undefined),
        by: [...new Set(by)].toSorted(),
      };
    }),
  );
}
