import { randomBytes } from 'node:crypto';
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import type { CopyBatch } from '../../core/backup/contract.ts';
import { CopyDiffers, CopyIncomplete, CopyNotLocked } from '../../core/copy/errors.ts';
import type { ObjectCopier } from '../../core/ports/object-copier.ts';
import { ReplicatedFact } from '../../core/vault/facts.ts';
import { chainKey, claimKey, evidenceKey, factKey, manifestKey, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { ASSET, makeVaultWorld, PART_BYTES, type VaultWorld } from './vault-world.ts';
import { parseJson } from '../../core/parse-json.ts';

let world: VaultWorld;
const BIG = randomBytes(2 * PART_BYTES + 12_345);
const SMALL = randomBytes(1000);
/** More than a part, and less than a batch. */
const MEDIUM = randomBytes(PART_BYTES + 1000);
let minute = 0;

/** A point of a three-part and a small object, and what the functions are asked about it. */
async function freshPoint() {
  const point = `20261120T02${String(minute++).padStart(2, '0')}00Z`;
  const manifest = await world.putLockedPoint(point, [BIG, SMALL]);
  return { manifest, request: { system: world.system, asset: ASSET, point, run: '20261120T030000Z-abcdef', keys: [] } };
}
const complete = (request: Awaited<ReturnType<typeof freshPoint>>['request']) => completeCopy({ ...request, batches: [] }, world.copyPorts);
const uploadOf = (batch: CopyBatch | undefined) => (batch && 'uploadId' in batch ? batch.uploadId : undefined);
const replicatedIn = async (place: 'vault' | 'replica', point: string) => {
  const versions = await storedVersions(world[place], pointPrefix(world.system, ASSET, point));
  return versions.filter((version) => version.key.includes('/replicated-'));
};
async function copyAll(request: Awaited<ReturnType<typeof freshPoint>>['request']) {
  const { batches } = await planCopy(request, world.copyPorts);
  for (const batch of batches) await copyParts(batch, world.copyPorts);
  return batches;
}

/** The same calls, one after the other. */
function inTurn<A extends unknown[]>(call: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const turn = before.catch(() => undefined).then(() => call(...args));
    before = turn;
    return turn;
  };
}

beforeAll(async () => {
  world = await makeVaultWorld();
});

describe('the copy of a point', () => {
  it('is compared, locked, and only then called replicated, in both vaults', async () => {
    const { manifest, request } = await freshPoint();
    const batches = await copyAll(request);
    expect(batches).toEqual([
      expect.objectContaining({ firstPart: 1, lastPart: 2 }),
      expect.objectContaining({ firstPart: 3, lastPart: 3 }),
      { system: world.system, asset: ASSET, point: request.point, objects: [[1, 1]] },
    ]);
    expect(await replicatedIn('vault', request.point)).toEqual([]);
    const answer = await complete(request);

    const key = factKey(world.system, ASSET, request.point, 'replicated', request.run);
    const [inVault, inReplica] = await Promise.all([readRecord(world.vault, key), readRecord(world.replica, key)]);
    expect(inReplica?.body).toEqual(inVault?.body);
    const fact = ReplicatedFact.parse(parseJson(inVault?.body ?? new Uint8Array()));
    expect(fact).toMatchObject({ bucket: world.replicaBucket, region: 'eu-west-1', lockedUntil: answer.lockedUntil });
    for (const [index, body] of [BIG, SMALL].entries()) {
      const copy = fact.objects[index];
      expect(copy).toMatchObject({ key: manifest.objects[index]?.key, sizeBytes: body.length });
      const ref = { key: copy?.key ?? '', versionId: copy?.versionId ?? '' };
      expect(Buffer.compare((await world.replica.get(ref))?.body ?? Buffer.alloc(0), body)).toBe(0);
      expect((await world.replica.head(ref))?.lockedUntil?.toISOString()).toBe(answer.lockedUntil);
    }
    const manifestCopy = await readRecord(world.replica, manifestKey(world.system, ASSET, request.point));
    expect(parseJson(manifestCopy?.body ?? new Uint8Array())).toEqual(manifest);
  });

  it('done again, finds everything there and changes nothing', async () => {
    const { request } = await freshPoint();
    await copyAll(request);
    const first = await complete(request);
    const before = await storedVersions(world.replica, '');
    expect(await planCopy(request, world.copyPorts)).toEqual({ batches: [] });
    expect(await complete(request)).toEqual(first);
    expect(await storedVersions(world.replica, '')).toEqual(before);
  });

  it('killed in the middle, goes on where it stopped', async () => {
    const { manifest, request } = await freshPoint();
    const { batches } = await planCopy(request, world.copyPorts);
    await copyParts(batches[0]!, world.copyPorts);
    await expect(complete(request)).rejects.toThrow(CopyIncomplete);
    expect(await replicatedIn('vault', request.point)).toEqual([]);

    const rest = await copyAll(request);
    expect(rest).toEqual(batches.slice(1));
    await complete(request);
    expect(await world.copyPorts.copier.listUploads(manifest.objects[0]?.key ?? '')).toEqual([]);
    expect(await replicatedIn('replica', request.point)).toHaveLength(1);
  });

  it('takes an object of two parts with the small ones, and goes on where its upload stopped', async () => {
    const point = `20261120T02${String(minute++).padStart(2, '0')}00Z`;
    const manifest = await world.putLockedPoint(point, [SMALL, MEDIUM, SMALL]);
    const request = { system: world.system, asset: ASSET, point, run: '20261120T030000Z-abcdef', keys: [] };
    const { batches } = await planCopy(request, world.copyPorts);
    expect(batches).toEqual([{ system: world.system, asset: ASSET, point, objects: [[0, 2]] }]);
    const copied: number[] = [];
    const copier: typeof world.copyPorts.copier = {
      ...world.copyPorts.copier,
      copyPart: async (source, part) => {
        if (part.partNumber === 2 && copied.length === 1) throw new Error('the function was killed');
        await world.copyPorts.copier.copyPart(source, part);
        copied.push(part.partNumber);
      },
    };
    const ports = { ...world.copyPorts, copier };
    // One after the other, so that the first part is there when the second fails.
    const oneByOne = {
      ...ports,
      copier: { ...copier, copyPart: inTurn<Parameters<ObjectCopier['copyPart']>>((source, part) => copier.copyPart(source, part)) },
    };
    await expect(copyParts(batches[0]!, oneByOne)).rejects.toThrow('killed');
    await expect(complete(request)).rejects.toThrow(CopyIncomplete);
    copied.push(0);
    await copyParts(batches[0]!, oneByOne);
    expect(copied).toEqual([1, 0, 2]);
    await complete(request);
    for (const { key } of manifest.objects) expect(await storedVersions(world.replica, key)).toHaveLength(1);
    expect(await planCopy(request, world.copyPorts)).toEqual({ batches: [] });
  });

  it('leaves no upload behind that it cannot go on with', async () => {
    const { manifest, request } = await freshPoint();
    const source = manifest.objects[0]!;
    const { copier } = world.copyPorts;
    const { uploadId: other } = await copier.startUpload(source.key, 'CRC32');
    await copier.copyPart(source, { uploadId: other, partNumber: 1, firstByte: 0, lastByte: 99 });
    const { uploadId: empty } = await copier.startUpload(source.key, 'CRC32');
    const { batches } = await planCopy(request, world.copyPorts);
    const uploads = await copier.listUploads(source.key);
    expect(uploads).toEqual([uploadOf(batches[0])]);
    expect(uploads).not.toContain(other);
    expect(uploads).toContain(empty);
  });

  it.each([
    ['a part that is not the source’s', 2],
    ['the last part', 3],
  ])('is not called replicated with %s, and is put right by the next run', async (_, partNumber) => {
    const { manifest, request } = await freshPoint();
    const batches = await copyAll(request);
    const { key } = manifest.objects[0]!;
    const start = (partNumber - 1) * PART_BYTES;
    const damaged = Buffer.from(BIG.subarray(start, start + PART_BYTES));
    damaged[100]! ^= 1;
    const part = { Bucket: world.replicaBucket, Key: key, UploadId: uploadOf(batches[0]), PartNumber: partNumber, Body: damaged };
    await world.second.send(new UploadPartCommand(part));
    await expect(complete(request)).rejects.toThrow(CopyDiffers);
    await expect(complete(request)).rejects.toThrow(/SHA-256 [0-9a-f]{64}, not/);
    expect(await replicatedIn('vault', request.point)).toEqual([]);
    expect(await replicatedIn('replica', request.point)).toEqual([]);

    await copyAll(request);
    await complete(request);
    const versions = (await storedVersions(world.replica, key)).map((version) => version.versionId);
    const [fact] = await replicatedIn('replica', request.point);
    const named = ReplicatedFact.parse(parseJson((await world.replica.get(fact!))?.body ?? new Uint8Array())).objects[0]?.versionId;
    expect(versions).toHaveLength(2);
    expect(named).toBe(versions[0]);
  });

  it('passes over a damaged object of the same size that stands in its place', async () => {
    const { manifest, request } = await freshPoint();
    const small = manifest.objects[1]!;
    const damaged = Buffer.from(SMALL);
    damaged[0]! ^= 1;
    await copyAll(request);
    await world.second.send(new PutObjectCommand({ Bucket: world.replicaBucket, Key: small.key, Body: damaged }));
    await complete(request);
    const [fact] = await replicatedIn('replica', request.point);
    const named = ReplicatedFact.parse(parseJson((await world.replica.get(fact!))?.body ?? new Uint8Array())).objects[1];
    const copy = await world.replica.get({ key: small.key, versionId: named?.versionId });
    expect(Buffer.compare(copy?.body ?? Buffer.alloc(0), SMALL)).toBe(0);
  });

  it('is refused when the vault’s own bytes are not those of the manifest', async () => {
    const { manifest, request } = await freshPoint();
    const point = `20261121T02${String(minute++).padStart(2, '0')}00Z`;
    const objects = manifest.objects.map((object) => ({ ...object, sha256: '0'.repeat(64), crc: { ...object.crc, value: 'AAAAAA==' } }));
    const key = manifestKey(world.system, ASSET, point);
    await world.vault.putOnce(key, JSON.stringify({ ...manifest, objects, point, slot: point }));
    await world.sayLocked({ ...manifest, point });
    await copyAll({ ...request, point });
    await expect(complete({ ...request, point })).rejects.toThrow(CopyDiffers);
    expect(await replicatedIn('vault', point)).toEqual([]);
  });
});

describe('the CRC that the service keeps', () => {
  it('decides alone where there is one: no byte is read back', async () => {
    const { manifest, request } = await freshPoint();
    const point = `20261122T02${String(minute++).padStart(2, '0')}00Z`;
    const small = manifest.objects[1]!;
    const objects = [{ ...small, crc: { ...small.crc, value: 'AAAAAA==' } }];
    await world.vault.putOnce(manifestKey(world.system, ASSET, point), JSON.stringify({ ...manifest, objects, point, slot: point }));
    await world.sayLocked({ ...manifest, point });
    await copyAll({ ...request, point });
    await expect(complete({ ...request, point })).rejects.toThrow(/CRC32 \S+, not AAAAAA==/);
    expect(await replicatedIn('vault', point)).toEqual([]);

    let reads = 0;
    const replica: typeof world.replica = { ...world.replica, read: (ref) => (reads++, world.replica.read(ref)) };
    const other = `20261122T02${String(minute++).padStart(2, '0')}00Z`;
    await world.putLockedPoint(other, [SMALL]);
    await copyAll({ ...request, point: other });
    await completeCopy({ ...request, point: other, batches: [] }, { ...world.copyPorts, replica });
    expect(reads).toBe(0);
  });
});

describe('a point that nobody has locked', () => {
  it('is not called replicated: its copy would be locked for as long as nothing', async () => {
    const point = `20261120T02${String(minute++).padStart(2, '0')}00Z`;
    await world.putPoint(point, [SMALL]);
    const request = { system: world.system, asset: ASSET, point, run: '20261120T030000Z-abcdef', keys: [] };
    await copyAll(request);
    await expect(complete(request)).rejects.toThrow(CopyNotLocked);
    expect(await replicatedIn('vault', point)).toEqual([]);
  });
});

describe('copyRecords', () => {
  it('copies what stands beside the point and what is named, locked like the vault’s', async () => {
    const { request } = await freshPoint();
    const { system } = world;
    const signature = signatureKey(manifestKey(system, ASSET, request.point));
    const claim = claimKey(system, ASSET, request.point, 1);
    const evidence = evidenceKey(system, 'drill', `2026-${request.point}`);
    for (const key of [signature, claim, evidence, signatureKey(evidence)]) await world.vault.putOnce(key, `{"key":"${key}"}`);
    const answer = await copyRecords({ ...request, keys: [claim, evidence] }, world.copyPorts);
    expect(answer.records).toBe(6);
    for (const key of [signature, claim, evidence, signatureKey(evidence)]) {
      const copy = await readRecord(world.replica, key);
      expect(Buffer.from(copy?.body ?? []).toString()).toBe(`{"key":"${key}"}`);
      const days = (((await world.replica.head({ key }))?.lockedUntil?.getTime() ?? 0) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(key.startsWith('evidence/') ? 3650 : 30);
    }
    expect(await copyRecords({ ...request, keys: [claim, evidence] }, world.copyPorts)).toEqual(answer);
  });

  it('copies evidence that no point owns', async () => {
    const evidence = evidenceKey(world.system, 'escrow', `2026-${minute++}`);
    await world.vault.putOnce(evidence, '{}');
    expect(await copyRecords({ keys: [evidence] }, world.copyPorts)).toEqual({ records: 1 });
    expect(await world.replica.head({ key: evidence })).toMatchObject({ lockMode: 'governance' });
  });

  it('finds another record in the place of one', async () => {
    const { request } = await freshPoint();
    await world.replica.putOnce(manifestKey(world.system, ASSET, request.point), '{"another":true}');
    await expect(copyRecords(request, world.copyPorts)).rejects.toThrow(CopyDiffers);
  });

  it('brings nothing that names a record before that record is there', async () => {
    const { request } = await freshPoint();
    const { system } = world;
    const fact = factKey(system, ASSET, request.point, 'verified', request.run);
    const link = chainKey(system, ASSET, 1_000 + minute);
    const evidence = evidenceKey(system, 'drill', `2026-${request.point}`);
    for (const key of [fact, link, evidence].flatMap((each) => [each, signatureKey(each)]))
      await world.vault.putOnce(key, `{"key":"${key}"}`);
    await world.replica.putOnce(fact, '{"another":true}');
    await expect(copyRecords({ ...request, keys: [link, evidence] }, world.copyPorts)).rejects.toThrow(CopyDiffers);
    for (const key of [link, evidence, signatureKey(fact)]) expect(await readRecord(world.replica, key), key).toBeUndefined();
  });
});
