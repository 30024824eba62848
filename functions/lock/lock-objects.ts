import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readManifest, storedVersions } from '../../adapters/vault/read-records.ts';
import { LockEnvironment, LockRequest, type LockPointRequest } from '../../core/backup/contract.ts';
import { parseEvidenceTerm, parseLockTerms, type LockTerm } from '../../core/lock/lock-terms.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectLocker, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import type { LockedFact } from '../../core/vault/facts.ts';
import { evidencePrefix, factKey, pointPrefix, runsPrefix, signatureKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { applyLock, chooseLock } from './choose-lock.ts';
import type { z } from 'zod';

export type LockPorts = {
  vault: ObjectReader & ObjectWriter & ObjectLocker;
  locks: Record<string, LockTerm>;
  evidence: LockTerm;
  now: () => Date;
};
/** Objects that are locked at once: a point may have thousands, and there are 15 minutes. */
const OBJECTS_AT_ONCE = 16;

export type LockAnswer = { until: string; objects: number };

/** Locks a point with all that belongs to it, or evidence. Done again, it locks what was added since and shortens nothing. */
export const lockObjects = (request: z.output<typeof LockRequest>, ports: LockPorts): Promise<LockAnswer> =>
  'point' in request ? lockPoint(request, ports) : lockKeys(request.keys, ports);

async function lockPoint({ system, asset, point, run, keys }: z.output<typeof LockPointRequest>, ports: LockPorts): Promise<LockAnswer> {
  const { vault, now } = ports;
  const { manifest, key } = await readManifest(vault, { system, asset, point });
  const lock = await chooseLock(key, ports);
  const { term, until } = lock;

  // Of the data exactly the versions that the manifest names: other attempts' bytes are no part of the point, and are to be swept.
  const records = await Promise.all(
    [pointPrefix(system, asset, point), runsPrefix(system, asset, manifest.slot)].map((prefix) => storedVersions(vault, prefix)),
  );
  const isEvidence = (named: string) => named.startsWith(evidencePrefix(system));
  const beside = await Promise.all(keys.filter((named) => !isEvidence(named)).map((named) => versionsOf(vault, named)));
  const versions = [...manifest.objects, ...records.flat(), ...beside.flat()];
  await severalAtOnce(versions, OBJECTS_AT_ONCE, (version) => applyLock(vault, version, lock, now()));
  const evidence = await lockKeys(keys.filter(isEvidence), ports);

  const fact: LockedFact = {
    format: 'holdfast/fact/v1',
    kind: 'locked',
    system,
    asset,
    point,
    id: run,
    at: now().toISOString(),
    mode: term.mode,
    until: until.toISOString(),
    objects: versions.length,
  };
  const written = await putSameOnce(vault, factKey(system, asset, point, 'locked', run), JSON.stringify(fact));
  await applyLock(vault, written, lock, now());
  return { until: until.toISOString(), objects: versions.length + 1 + evidence.objects };
}

/** Objects that were named one by one; the answer's instant is the latest of theirs. */
async function lockKeys(keys: string[], ports: LockPorts): Promise<LockAnswer> {
  let latest = ports.now();
  let objects = 0;
  for (const named of keys) {
    const lock = await chooseLock(named, ports);
    for (const version of await versionsOf(ports.vault, named)) {
      await applyLock(ports.vault, version, lock, ports.now());
      objects++;
    }
    if (lock.until > latest) latest = lock.until;
  }
  return { until: latest.toISOString(), objects };
}

/** Every version of a key, and of its signature when it has one. A key that was never written is an error, not nothing to do. */
async function versionsOf(vault: ObjectReader, key: string) {
  const found = (await storedVersions(vault, key.replace(/\.json$/, ''))).filter((v) => v.key === key || v.key === signatureKey(key));
  if (!found.some((version) => version.key === key)) throw new ObjectMissing(`s3://${vault.bucket}/${key}`);
  return found;
}

export const handler = handle({
  environment: LockEnvironment,
  request: LockRequest,
  connect: (environment): LockPorts => {
    const { reader, writer, locker } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      vault: { ...reader, ...writer, ...locker },
      locks: parseLockTerms(environment.LOCKS),
      evidence: parseEvidenceTerm(environment.EVIDENCE_DAYS, environment.EVIDENCE_MODE),
      now: () => new Date(),
    };
  },
  run: lockObjects,
});
