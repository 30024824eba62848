import type { DrillEvidence } from '../../core/drill/contract.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { AccessRefused, ObjectMissing, StoreUnavailable } from '../../core/ports/object-errors.ts';
import { openVault, type Connection, type VaultPlace } from '../connection.ts';
import { readEvidences } from '../records.ts';

type Parts = {
  plan: ProtectionPlan;
  connection: Connection;
  environment: Record<string, string | undefined>;
  /** Whose page it is. */
  from: VaultPlace;
  now: Date;
};
type Drills = { evidences: Record<string, DrillEvidence[]>; notes: string[] };

/** A drill leaves its evidence in the region that held it: a page of one vault shows the other's drills of keys beside its own, where they can be read. */
export async function readOtherDrills({ plan, connection, environment, from, now }: Parts): Promise<Drills> {
  const [other, region] = from === 'vault' ? (['replica', 'second'] as const) : (['vault', 'home'] as const);
  const notes: string[] = [];
  try {
    const reader = openVault(connection, plan, other, environment);
    return { evidences: await readEvidences(reader, plan, now, (text) => void notes.push(text)), notes };
  } catch (error) {
    if (![AccessRefused, ObjectMissing, StoreUnavailable].some((known) => error instanceof known)) throw error;
    const note = `Drills of keys in the ${region} region cannot be read from here: \`npx holdfast report --from ${other}\` shows them`;
    return { evidences: {}, notes: [note] };
  }
}
