/**
 * Least privilege, shown: what every role asked for in all runs of a suite, against the policies that are synthesized for AWS. The
 * emulator's own answers are not enough: it does not ask KMS for S3, and knows half of the condition keys. The last part of the suite.
 */
import { describe, expect, it } from 'vitest';
import { accountFor, rightsOf, spell } from '../privileges/account-for.ts';
import { judge } from '../privileges/judge.ts';
import { KEPT } from '../privileges/kept.ts';
import { everythingAsked, type Ran } from '../privileges/record.ts';
import { synthesize } from '../infra/synthesized.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const UNUSED = 'granted and not used: take it away, use it in a run, or say in test/privileges/kept.ts why it stays';
const STALE = 'a reason that is none any more';

export const describeLeastPrivilege = (deployed: () => DeployedSystem, runs: readonly Ran[]) =>
  describe('with the least privilege', () => {
    it('asks for nothing that the policies for AWS refuse, and is granted nothing without a use or a reason', async () => {
      const system = deployed();
      const synthesized = synthesize(system.planPath);
      const asked = await everythingAsked(system, runs, synthesized);
      const { refused, used, granted } = judge(asked, synthesized);
      const names = { system: system.plan.system, assets: system.plan.assets.map(({ id }) => id) };
      const [usedRights, grantedRights] = [rightsOf(used, names), rightsOf(granted, names)];
      const { kept, unexplained, stale } = accountFor(grantedRights, usedRights, KEPT);
      console.log(
        [
          `${asked.length} requests of roles took ${usedRights.length} of ${grantedRights.length} rights. Not used, and why they stay:`,
          ...[...Map.groupBy(kept, ({ why }) => why)].map(
            ([why, rights]) => `  ${why}:\n    ${rights.map(({ right }) => spell(right)).join(', ')}`,
          ),
        ].join('\n'),
      );
      // In words, all of it at once: a run takes minutes.
      expect({
        refused: refused.map(({ asked: { role, action, resource }, by }) => `${role} ${action} ${resource}: ${by}`),
        [UNUSED]: unexplained.map(spell),
        [STALE]: stale.map(({ kept: { roles, sids, actions }, because }) => `${JSON.stringify({ roles, sids, actions })}: ${because}`),
      }).toEqual({ refused: [], [UNUSED]: [], [STALE]: [] });
    });
  });
