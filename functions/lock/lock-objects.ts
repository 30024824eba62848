import { openBucket } from '../../adapters/s3/bucket.ts';
import { readManifest, storedVersions } from '../../adapters/vault/read-records.ts';
import { LockEnvironment, LockRequest, type LockPointRequest } from '../../core/backup/contract.ts';
import { parseEvidenceTerm, pointLockEnd, type LockTerm } from '../../core/lock/lock-terms.ts';
import { longestLock } from '../../core/lock/longest-lock.ts';
import { LockTooLong } from '../../core/lock/errors.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectLocker, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { evidencePrefix, pointPrefix, runsPrefix, signatureKey } from '../../core/vault/keys.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';
import { applyLock, chooseLock, readPointLock } from './choose-lock.ts';
import { objectsOfPoint } from './point-objects.ts';
import { writeLockedFact } from './write-locked-fact.ts';
import type { z } from 'zod';

export type LockPorts = {
  vault: ObjectReader & ObjectWriter & ObjectLocker;
  evidence: LockTerm;
  /** A point is locked for so many days at most. */
  longestDays: number;
  side: VaultSide;
  now: () => Date;
};
/** Objects that are locked at once: a point may have thousands, and there are 15 minutes. */
const OBJECTS_AT_ONCE = 16;
const MILLISECONDS_PER_DAY = 86_400_000;

/** `fact`: key of what says that a point is locked. */
export type LockAnswer = { until: string; objects: number; fact?: string };

/** Locks a point with all that belongs to it, or evidence. Done again, it locks what was added since and shortens nothing. */
export const lockObjects = (request: z.output<typeof LockRequest>, ports: LockPorts): Promise<LockAnswer> =>
  'point' in request ? lockPoint(request, ports) : lockKeys(request.keys, ports);

async function lockPoint(request: z.output<typeof LockPointRequest>, ports: LockPorts): Promise<LockAnswer> {
  const { system, asset, point, keys, term, until } = request;
  const { vault, now } = ports;
  const { manifest, key } = await readManifest(vault, request);
  const asked = { mode: term.mode, until: until === undefined ? pointLockEnd(manifest, term) : new Date(until) };
  if (asked.until.getTime() > now().getTime() + ports.longestDays * MILLISECONDS_PER_DAY)
    throw new LockTooLong(`${asset}/${point}`, asked.until, ports.longestDays);
  const earlier = await readPointLock(vault, request);
  const lock = longestLock(earlier ? [asked, earlier] : [asked]) ?? asked;

  const records = await Promise.all(
    [pointPrefix(system, asset, point), runsPrefix(system, asset, manifest.slot)].map((prefix) => storedVersions(vault, prefix)),
  );
  const isEvidence = (named: string) => named.startsWith(evidencePrefix(system));
  const beside = await Promise.all(keys.filter((named) => !isEvidence(named)).map((named) => versionsOf(vault, named)));
  const versions = [...(await objectsOfPoint(request, manifest, ports)), ...records.flat(), ...beside.flat()];
  const isCommit = (version: { key: string }) => version.key === key;
  const apply = (some: readonly { key: string; versionId: string }[]) =>
    severalAtOnce(some, OBJECTS_AT_ONCE, (version) => applyLock(vault, version, lock, now()));
  await apply(versions.filter((version) => !isCommit(version)));
  const evidence = await lockKeys(keys.filter(isEvidence), ports);
  const fact = await writeLockedFact(request, { lock, objects: versions.length }, ports);
  // The manifest is last: by its lock it is told later whether that of the point is long enough.
  await apply([fact, ...versions.filter(isCommit)]);
  return { until: lock.until.toISOString(), objects: versions.length + 1 + evidence.objects, fact: fact.key };
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
    if (lock && lock.until > latest) latest = lock.until;
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
      evidence: parseEvidenceTerm(environment.EVIDENCE_DAYS, environment.EVIDENCE_MODE),
      longestDays: Number(environment.LONGEST_LOCK_DAYS),
      side: environment.SIDE,
      now: () => new Date(),
    };
  },
  run: lockObjects,
});
