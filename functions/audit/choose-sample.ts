import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { sawEverything } from '../../core/audit/build-evidence.ts';
import { AuditEvidence, type CheckObjectsRequest } from '../../core/audit/contract.ts';
import { everyResidue, residuesSince, SAMPLE_DAYS } from '../../core/audit/sample.ts';
import { parseJson } from '../../core/parse-json.ts';
import { evidenceKindPrefix, isSignatureKey } from '../../core/vault/keys.ts';
import type { AuditPorts } from './ports.ts';

const MILLISECONDS_PER_DAY = 86_400_000;
/** Records that are read to find the last one: those of the other side, and of single assets, stand among them. */
const MOST_READ = 2 * SAMPLE_DAYS;

/** The older points that a run looks at: those that are due since the last audit that ended. */
export async function chooseSample({ all, sample }: CheckObjectsRequest, ports: AuditPorts): Promise<number[]> {
  if (sample.residues.length > 0) return sample.residues;
  return all ? everyResidue() : residuesSince(await lastAudit(ports), ports.now());
}

/** When this side was last looked at as a whole, to the end. */
async function lastAudit({ system, vault, now }: AuditPorts): Promise<Date | undefined> {
  const years = new Set([now(), new Date(now().getTime() - SAMPLE_DAYS * MILLISECONDS_PER_DAY)].map((at) => String(at.getUTCFullYear())));
  const listed = await Promise.all([...years].map((year) => storedVersions(vault, evidenceKindPrefix(system, year, 'audit'))));
  const keys = new Set(listed.flat().map(({ key }) => key));
  const newestFirst = [...keys]
    .filter((key) => !isSignatureKey(key))
    .toSorted()
    .toReversed();
  for (const key of newestFirst.slice(0, MOST_READ)) {
    const evidence = AuditEvidence.safeParse(parseJson((await readRecord(vault, key))?.body ?? ''));
    if (evidence.success && evidence.data.bucket === vault.bucket && sawEverything(evidence.data)) return new Date(evidence.data.at);
  }
  return undefined;
}
