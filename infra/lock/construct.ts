import type { Construct } from 'constructs';
import { durationDays } from '../../core/plan/durations.ts';
import { factKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, lockVersions, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import { longestLocks, strictestMode, type System } from '../system.ts';
import { RECORD_PREFIXES } from '../record-prefixes.ts';
import { ANY_RUN } from '../run-pattern.ts';

/** The only function that extends locks in the vault. It deletes nothing, shortens nothing, and writes no data. */
export function makeLock(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  const records = RECORD_PREFIXES.map((prefix) => `${prefix}/${system.name}/`);
  makeFunction(stack, {
    system,
    settings,
    handler: 'lock/lock-objects',
    description: 'extends the locks of points, records and evidence',
    timeoutSeconds: 900,
    environment: {
      SYSTEM: system.name,
      VAULT_BUCKET: system.vaultBucket,
      SIDE: system.side,
      LONGEST_LOCK_DAYS: String(longestLocks(system.plan).pointDays),
      ...evidenceTerm(system),
    },
    statements: [
      listObjects('SeeRecords', vault, records),
      readObjects(
        'ReadRecords',
        vault,
        records.map((prefix) => `${prefix}*`),
      ),
      lockVersions(
        'Lock',
        vault,
        [...records, `data/${system.name}/`].map((prefix) => `${prefix}*`),
      ),
      putObjects('SayThatItIsLocked', vault, [factKey(system.name, '*', '*', 'locked', ANY_RUN)]),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}

/** The plan's term for evidence, as the functions that lock it are given it. That of a point comes with the request, or is its own facts'. */
export const evidenceTerm = (system: System) => ({
  EVIDENCE_DAYS: String(durationDays(system.plan.evidence.retention)),
  EVIDENCE_MODE: strictestMode(system.plan),
});
