import { DrillEvidence } from '../../core/drill/contract.ts';
import { newestDrills } from '../../core/drill/newest-drills.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { postgresAssets } from '../assets.ts';
import { readEvidence, yearsBack, type EvidenceWish } from './read-evidence.ts';

/** Their results are of a kind that begins alike, and are judged by these. */
export const drillsOf = ({ system }: ProtectionPlan, now: Date): EvidenceWish => ({
  system,
  kind: 'drill',
  isWanted: ({ kind }) => kind === 'drill',
  years: yearsBack(now),
});

/**
 * The newest drills of each database, by asset, newest first; one that is drilled often does not crowd out the others. Before anything
 * is said to be missing, all of the years are looked at: who asks for one database does not wait for another that was never drilled.
 */
export async function readDrills(
  reader: ObjectReader,
  plan: ProtectionPlan,
  now: Date,
  note: (text: string) => void = () => undefined,
  assets: readonly string[] = postgresAssets(plan).map(({ id }) => id),
): Promise<Map<string, DrillEvidence[]>> {
  const found = new Map(assets.map((id) => [id, newestDrills()]));
  // Which asset it is of, only the evidence itself says.
  for await (const { key, body } of readEvidence(reader, drillsOf(plan, now))) {
    const drill = DrillEvidence.safeParse(parseJson(body));
    if (drill.success) found.get(drill.data.asset)?.add(drill.data);
    else note(`${key} is not evidence that Holdfast wrote: it counts for nothing`);
    if ([...found.values()].every((drills) => drills.isWhole())) break;
  }
  return new Map([...found].map(([id, { drills }]) => [id, [...drills]]));
}
