/** The expiry of the demo: the daily run of retention, and what it decides of each point. A new point is never one that goes. */
import type { PostgresAsset, ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { decideExpiry } from '../expiry.ts';
import type { Vault } from '../points.ts';
import type { Narrator } from './narrator.ts';
import { runMachine, type MachineRun } from './run-machine.ts';

export type ExpiryStep = { plan: ProtectionPlan; asset: PostgresAsset; connection: Connection; vault: Vault; signal: AbortSignal };

export async function expirePoints({ plan, asset, connection, vault, signal }: ExpiryStep, narrator: Narrator): Promise<MachineRun> {
  narrator.stage('Expire what the plan keeps no longer');
  const run = await runMachine(connection.machines, 'retention', { asset: asset.id }, narrator.progress(), signal);
  if (run.end.status !== 'succeeded') {
    narrator.failed(`${run.end.error}: ${run.end.cause}`);
    return run;
  }
  const { points } = await decideExpiry(vault, plan, asset, narrator.frame.now());
  for (const { point, action, reasons } of points)
    narrator.note(`${asset.id}/${point} ${action === 'keep' ? 'stays' : 'expires'}: ${reasons.join('; ')}`);
  return run;
}
