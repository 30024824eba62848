import type { z } from 'zod';
import { readManifest, storedVersions } from '../../adapters/vault/read-records.ts';
import { CopyEnvironment, CopyRecordsRequest } from '../../core/backup/contract.ts';
import { evidenceLockEnd, lockTermOf, pointLockEnd } from '../../core/lock/lock-terms.ts';
import { evidencePrefix, pointPrefix, runsPrefix, signatureKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { copyRecord } from './copy-record.ts';
import { connectCopy, type CopyPorts } from './ports.ts';

export type CopyRecordsAnswer = { records: number };

/** Copies what the replica lacks: a point's manifest, facts, signature and claims, and the keys named besides. */
export async function copyRecords(request: z.output<typeof CopyRecordsRequest>, ports: CopyPorts): Promise<CopyRecordsAnswer> {
  const { vault, locks, evidence, now } = ports;
  const named = (await Promise.all(request.keys.map((key) => withSignature(key, ports)))).flat();
  const evidenceLock = { term: evidence, until: evidenceLockEnd(now(), evidence) };
  if (!('point' in request)) {
    for (const key of named) await copyRecord(key, evidenceLock, ports);
    return { records: named.length };
  }
  const { system, asset, point } = request;
  const { manifest } = await readManifest(vault, request);
  const term = lockTermOf(locks, asset);
  const pointLock = { term, until: pointLockEnd(manifest, term) };
  const beside = await Promise.all(
    [pointPrefix(system, asset, point), runsPrefix(system, asset, manifest.slot)].map((prefix) => storedVersions(vault, prefix)),
  );
  const keys = new Set([...beside.flat().map((version) => version.key), ...named]);
  for (const key of keys) await copyRecord(key, key.startsWith(evidencePrefix(system)) ? evidenceLock : pointLock, ports);
  return { records: keys.size };
}

async function withSignature(key: string, { vault }: CopyPorts): Promise<string[]> {
  const signature = signatureKey(key);
  return signature !== key && (await storedVersions(vault, signature)).length > 0 ? [key, signature] : [key];
}

export const handler = handle({ environment: CopyEnvironment, request: CopyRecordsRequest, connect: connectCopy, run: copyRecords });
