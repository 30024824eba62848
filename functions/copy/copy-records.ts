import type { z } from 'zod';
import { oldestVersion, readManifest, storedVersions } from '../../adapters/vault/read-records.ts';
import { CopyEnvironment, CopyRecordsRequest, type CopyPointRequest } from '../../core/backup/contract.ts';
import { evidencePrefix, isSignatureKey, manifestKey, pointPrefix, runsPrefix, signatureKey } from '../../core/vault/keys.ts';
import { pointOfKey } from '../../core/vault/parse-key.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { handle } from '../edge.ts';
import type { Lock } from '../../core/lock/longest-lock.ts';
import { chooseLock } from '../lock/choose-lock.ts';
import { copyRecord } from './copy-record.ts';
import { connectCopy, type CopyPorts } from './ports.ts';
import { selectFollowing } from './select-following.ts';

/** One takes a dozen requests in each region, and a run may hand over some hundreds: one after the other they would not be done in 15 minutes. */
const RECORDS_AT_ONCE = 8;

export type CopyRecordsAnswer = { records: number };

/** Copies what the replica lacks: a point's manifest, facts, signature and claims, and the keys named besides. */
export async function copyRecords(request: z.output<typeof CopyRecordsRequest>, ports: CopyPorts): Promise<CopyRecordsAnswer> {
  const locks = 'point' in request ? await besideThePoint(request, ports) : new Map<string, Lock | undefined>();
  await severalAtOnce(await selectCopied(request.keys, ports), RECORDS_AT_ONCE, async (named) => {
    for (const key of await withSignature(named, ports)) if (!locks.has(key)) locks.set(key, await chooseLock(key, ports));
  });
  for (const wave of inOrder([...locks])) await severalAtOnce(wave, RECORDS_AT_ONCE, ([key, lock]) => copyRecord(key, lock, ports));
  return { records: locks.size };
}

/**
 * What is named comes before what names it, so that a copy which stops anywhere leaves nothing that looks like damage: a record that a link,
 * evidence or a signature names and that is not there is damage; one without its signature is of a run that is not over.
 */
function inOrder<T>(records: [key: string, T][]): [key: string, T][][] {
  const wave = (key: string) => (isSignatureKey(key) ? 2 : /^(chain|evidence)\//.test(key) ? 1 : 0);
  return [0, 1, 2].map((number) => records.filter(([key]) => wave(key) === number));
}

/** A record of a point that is not in the replica comes with the point, or never: it may have expired there. */
async function selectCopied(keys: readonly string[], ports: CopyPorts): Promise<string[]> {
  const { replica } = ports;
  const selected: string[] = [];
  for (const key of await selectFollowing(keys, ports)) {
    const owner = pointOfKey(key);
    if (!owner || (await oldestVersion(replica, manifestKey(owner.system, owner.asset, owner.point)))) selected.push(key);
  }
  return selected;
}

/** Everything that is locked as long as the point: its folder of the catalog, the claims on its slot, and named keys but evidence. */
async function besideThePoint(request: z.output<typeof CopyPointRequest>, ports: CopyPorts): Promise<Map<string, Lock | undefined>> {
  const { system, asset, point } = request;
  const { manifest, key } = await readManifest(ports.vault, request);
  const lock = await chooseLock(key, ports);
  const prefixes = [pointPrefix(system, asset, point), runsPrefix(system, asset, manifest.slot)];
  const versions = await Promise.all(prefixes.map((prefix) => storedVersions(ports.vault, prefix)));
  const named = await selectFollowing(
    request.keys.filter((key) => !key.startsWith(evidencePrefix(system))),
    ports,
  );
  const signed = await Promise.all(named.map((beside) => withSignature(beside, ports)));
  const records = await selectFollowing([...new Set(versions.flat().map(({ key: beside }) => beside))], ports);
  return new Map([...records, ...signed.flat()].map((beside) => [beside, lock]));
}

async function withSignature(key: string, { vault }: CopyPorts): Promise<string[]> {
  const signature = signatureKey(key);
  return signature !== key && (await storedVersions(vault, signature)).length > 0 ? [key, signature] : [key];
}

export const handler = handle({ environment: CopyEnvironment, request: CopyRecordsRequest, connect: connectCopy, run: copyRecords });
