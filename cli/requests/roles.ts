import type { Roles } from '../../core/approval/decide.ts';
import { approvalRoles } from '../../core/approval/roles.ts';
import type { VaultPlace } from '../connection.ts';
import type { Context } from '../verb.ts';

/** Who may ask for restores from a vault, and approve them. */
export async function rolesOf(context: Context, place: VaultPlace): Promise<Roles> {
  const plan = context.plan();
  const { account } = await context.connect();
  const { account: own = account, region } = place === 'vault' ? plan.home : plan.replica;
  return approvalRoles(plan, { account: own, region }, place);
}
