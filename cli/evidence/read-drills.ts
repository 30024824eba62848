import { DrillEvidence } from '../../core/drill/contract.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { postgresAssets } from '../assets.ts';
import { readEvidence, yearsBack } from './read-evidence.ts';

/** Ten years of quarterly drills, and half a year of weekly ones. */
const MOST_OF_EACH = 40;

/** The newest drills of each database, by asset; one that is drilled often does not crowd out the others. */
export async function readDrills(reader: ObjectReader, plan: ProtectionPlan, now: Date): Promise<Map<string, DrillEvidence[]>> {
  const found = new Map<string, DrillEvidence[]>(postgresAssets(plan).map(({ id }) => [id, []]));
  for await (const { body } of readEvidence(reader, { system: plan.system, kind: 'drill', years: yearsBack(now) })) {
    const drill = DrillEvidence.safeParse(parseJson(body));
    const ofAsset = drill.success ? found.get(drill.data.asset) : undefined;
    if (drill.success && ofAsset && ofAsset.length < MOST_OF_EACH) ofAsset.push(drill.data);
    if ([...found.values()].every(({ length }) => length === MOST_OF_EACH)) break;
  }
  return found;
}
