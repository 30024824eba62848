import type { DrillEvidence } from '../../core/drill/contract.ts';
import type { MeasuredRestore } from '../../core/report/measured-restores.ts';
import type { RestoreFailure } from '../../core/restore/result.ts';
import { readOtherRegion, type RegionParts } from '../evidence/read-other-region.ts';
import { NO_PROOFS, readProofs } from '../evidence/read-proofs.ts';
import { readFailedRestores, readRestores } from '../evidence/read-restores.ts';
import { readEvidences } from '../records.ts';

type Drills = {
  evidences: Record<string, DrillEvidence[]>;
  restores: MeasuredRestore[];
  failedRestores: RestoreFailure[];
  proofs: typeof NO_PROOFS;
  unread: string | undefined;
  notes: string[];
};

/** A page of one vault shows what the other region held beside its own, where it can be read. `unread`: why it could not. */
export async function readOtherDrills({ now, ...parts }: RegionParts & { now: Date }): Promise<Drills> {
  const notes: string[] = [];
  const other = await readOtherRegion(parts, async (reader) => ({
    evidences: await readEvidences(reader, parts.plan, now, (text) => void notes.push(text)),
    restores: await readRestores(reader, parts.plan, now),
    failedRestores: await readFailedRestores(reader, parts.plan, now),
    proofs: await readProofs(reader, parts.plan.system, now),
  }));
  return other.found
    ? { ...other.found, unread: undefined, notes }
    : { evidences: {}, restores: [], failedRestores: [], proofs: NO_PROOFS, unread: other.note, notes: [other.note] };
}
