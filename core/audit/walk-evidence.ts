import type { LockTerm } from '../lock/lock-terms.ts';
import type { ListedVersion } from '../ports/object-store.ts';
import { evidencePrefix } from '../vault/keys.ts';
import { instantOfId, parseRecordName } from '../evidence/verify/context.ts';
import type { ObjectFinding } from './findings.ts';
import type { PlaceToAudit } from './look-at-point.ts';
import { residueOf } from './sample.ts';
import { byKey, findTraces } from './traces.ts';

const MILLISECONDS_PER_DAY = 86_400_000;

/** Evidence belongs to no point, and is locked as long as the plan says from when it is written, which is after its run began. */
export async function walkEvidence(
  { reader, system, now }: Pick<PlaceToAudit, 'reader' | 'system' | 'now'>,
  term: LockTerm,
  residues: ReadonlySet<number>,
  onFinding: (finding: ObjectFinding) => void,
): Promise<{ listed: number; versions: number }> {
  let [listed, versions] = [0, 0];
  const at = now();
  for await (const ofKey of byKey(reader.listVersions(evidencePrefix(system)))) {
    listed += ofKey.length;
    for (const finding of findTraces(ofKey)) onFinding(finding);
    const oldest = ofKey.findLast(({ isDeleteMarker }) => !isDeleteMarker);
    const expected = oldest && expectedEnd(oldest, term);
    if (!oldest || expected === undefined || expected <= at || !residues.has(residueOf(oldest.key)) || isYoung(oldest, at)) continue;
    versions++;
    const { key, versionId } = oldest;
    const lockedUntil = (await reader.head({ key, versionId }))?.lockedUntil;
    if (lockedUntil !== undefined && lockedUntil >= expected) continue;
    const found = lockedUntil === undefined ? {} : { found: lockedUntil.toISOString() };
    onFinding({ kind: 'evidence-lock-short', key, versionId, ...found, expected: expected.toISOString() });
  }
  return { listed, versions };
}

/** Counted from the start of the run, which its id says: the copy in the replica is younger than the record. */
function expectedEnd({ key }: ListedVersion, { lengthDays }: LockTerm): Date | undefined {
  const name = parseRecordName((key.split('/').at(-1) ?? '').replace('.dsse.json', '.json'));
  const start = name && instantOfId(name.id);
  return start && new Date(start.getTime() + lengthDays * MILLISECONDS_PER_DAY);
}

/** Until then a later step of its run locks it. */
const isYoung = ({ lastModified }: ListedVersion, now: Date) => now.getTime() - lastModified.getTime() < MILLISECONDS_PER_DAY;
