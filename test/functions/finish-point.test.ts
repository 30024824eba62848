/** The functions after the dump, run to their end under a second run's id after a first run was killed between any two of them. */
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import type { CopyBatch } from '../../core/backup/contract.ts';
import { decidePointState } from '../../core/backup/decide-admission.ts';
import { keyAlias } from '../../core/names.ts';
import { chainKey, chainPrefix, claimKey, factKey, pointDataPrefix, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { findPoint, readPoint } from '../../core/vault/read-point.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { signObjects, type SignPorts } from '../../functions/evidence/sign-objects.ts';
import { lockObjects } from '../../functions/lock/lock-objects.ts';
import { recordPoint } from '../../functions/record/record-point.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { rootSettings } from '../helpers/servers.ts';
import { ASSET, HOME, makeVaultWorld, PART_BYTES, type VaultWorld } from './vault-world.ts';

const FIRST = '20261120T030000Z-aaaaaa';
const SECOND = '20261121T030000Z-bbbbbb';
const STEPS = 10;
/** Of the places where a run can be killed, in a run that is no soak. */
const SAMPLE = 4;

let world: VaultWorld;
let signPorts: SignPorts;

beforeAll(async () => {
  world = await makeVaultWorld({ mode: 'compliance', lengthDays: 30 });
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const alias = keyAlias(world.system, 'evidence');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  signPorts = { system: world.system, vault: world.vault, signer: kmsSigner(alias, rootSettings(HOME)), now: () => new Date() };
});

/** What a run does after the dump, step by step, as the machine calls it. */
function stepsOf(point: string, run: string, claim: number): (() => Promise<unknown>)[] {
  const { system, vault, lockPorts, copyPorts, term } = world;
  const ofPoint = { system, asset: ASSET, point, run };
  let batches: CopyBatch[] = [];
  let records: string[] = [];
  const fact = { format: 'holdfast/fact/v1', kind: 'verified', system, asset: ASSET, point, id: run, at: new Date().toISOString() };
  return [
    () =>
      vault.putOnce(factKey(system, ASSET, point, 'verified', run), JSON.stringify({ ...fact, bytesRead: 1, rows: [], largeObjects: 0 })),
    () => lockObjects({ ...ofPoint, term, keys: [] }, lockPorts),
    async () => (batches = (await planCopy({ ...ofPoint, keys: [] }, copyPorts)).batches),
    () => Promise.all(batches.slice(0, 1).map((batch) => copyParts(batch, copyPorts))),
    () => Promise.all(batches.slice(1).map((batch) => copyParts(batch, copyPorts))),
    () => completeCopy({ ...ofPoint, keys: [], batches }, copyPorts),
    async () => {
      const recorded = await recordPoint(
        { ...ofPoint, slot: point, claim },
        { vault, publish: () => undefined, now: () => new Date(), longestRuns: {} },
      );
      records = recorded.sign;
    },
    async () => {
      const { publicKey } = await signObjects({ keys: records }, signPorts);
      records = [...records, claimKey(system, ASSET, point, claim), publicKey];
    },
    () => lockObjects({ ...ofPoint, term, keys: records }, lockPorts),
    () => copyRecords({ ...ofPoint, keys: records }, copyPorts),
  ];
}

const keysAndVersions = async (vault: VaultWorld['vault'], prefix: string) =>
  (await storedVersions(vault, prefix)).map(({ key, versionId }) => `${key} ${versionId}`);

describe('a point whose run was killed', () => {
  const random = seededRandom('runs killed between two steps');
  const places = Array.from({ length: STEPS + 1 }, (_, done) => done);
  while (process.env['HOLDFAST_SOAK'] !== '1' && places.length > SAMPLE) places.splice(random.below(places.length), 1);

  it.each(places)('after %i of ten steps is finished by another run, which changes nothing', async (done) => {
    const { system, vault, replica } = world;
    const point = `20261120T01${String(done).padStart(2, '0')}00Z`;
    const manifest = await world.putPoint(point, [Buffer.from('schema'), Buffer.alloc(2 * PART_BYTES + 7, done)]);
    const claim = (n: number) => vault.putOnce(claimKey(system, ASSET, point, n), JSON.stringify({ claim: n }));
    await claim(1);
    for (const step of stepsOf(point, FIRST, 1).slice(0, done)) await step();
    const state = async () => decidePointState(await findPoint(vault, system, ASSET, point));
    expect(await state()).toBe(done < 8 ? 'committed' : 'recorded');
    const before = [
      ...(await keysAndVersions(vault, pointPrefix(system, ASSET, point))),
      ...(await keysAndVersions(vault, chainPrefix(system, ASSET))),
    ];
    const data = await keysAndVersions(vault, pointDataPrefix(system, ASSET, point));
    const copies = await keysAndVersions(replica, pointDataPrefix(system, ASSET, point));

    await claim(2);
    for (const step of stepsOf(point, SECOND, 2)) await step();
    expect(await state()).toBe('recorded');
    // Nothing was written over: what was there is there, in its one version.
    expect(await keysAndVersions(vault, pointDataPrefix(system, ASSET, point))).toEqual(data);
    const after = [
      ...(await keysAndVersions(vault, pointPrefix(system, ASSET, point))),
      ...(await keysAndVersions(vault, chainPrefix(system, ASSET))),
    ];
    expect(after).toEqual(expect.arrayContaining(before));
    expect(new Set(after.map((line) => line.split(' ')[0])).size).toBe(after.length);
    const copied = await keysAndVersions(replica, pointDataPrefix(system, ASSET, point));
    expect(copied).toEqual(expect.arrayContaining(copies));
    expect(copied).toHaveLength(manifest.objects.length);

    // The replica has every record of either run, and all is locked as long as the point.
    const links = (await storedVersions(vault, chainPrefix(system, ASSET))).map(({ key }) => key);
    const own = chainKey(system, ASSET, links.length / 2);
    expect(links.slice(-2)).toEqual([signatureKey(own), own]);
    const beside = (await storedVersions(vault, pointPrefix(system, ASSET, point))).map(({ key }) => key);
    const kept = [...beside, claimKey(system, ASSET, point, 1), claimKey(system, ASSET, point, 2), own, signatureKey(own)];
    const until = new Date(Math.ceil(Date.parse(manifest.finishedAt) / 1000) * 1000 + 30 * 86_400_000).toISOString();
    for (const key of [...kept, ...manifest.objects.map((object) => object.key)])
      for (const place of [vault, replica])
        expect((await place.head({ key }))?.lockedUntil?.toISOString(), `${place.bucket} ${key}`).toBe(until);
    expect((await readPoint(replica, system, ASSET, point))?.facts).toEqual((await readPoint(vault, system, ASSET, point))?.facts);
  });
});
