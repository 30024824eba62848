/** A segmented point of thousands of objects, through every function after its dump: payloads, numbers of requests, and being killed. */
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { COPY_SIZES } from '../../core/copy/plan-batches.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { lockObjects } from '../../functions/lock/lock-objects.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const OBJECTS = process.env['HOLDFAST_SOAK'] === '1' ? 5000 : 150;
const POINT = '20261120T020000Z';
/** What a function has, and what a request takes when it is slow, 16 of them at once. */
const FUNCTION_SECONDS = 900;
const SLOW_REQUEST_SECONDS = 0.2;
const AT_ONCE = 16;
/** Of a state's payload. */
const PAYLOAD_BYTES = 256 * 1024;

let world: VaultWorld;
let manifest: Manifest;
const request = () => ({ system: world.system, asset: ASSET, point: POINT, run: '20261120T030000Z-abcdef', term: world.term, keys: [] });

beforeAll(async () => {
  world = await makeVaultWorld();
  manifest = await world.putSegmentedPoint(POINT, OBJECTS);
}, 600_000);

/** Requests of a client while `work` runs. */
async function requestsOf(client: S3Client, work: () => Promise<unknown>): Promise<number> {
  let requests = 0;
  const name = 'countRequests';
  client.middlewareStack.add((next) => (args) => (requests++, next(args)), { step: 'finalizeRequest', name });
  await work();
  client.middlewareStack.remove(name);
  return requests;
}
/** That the same, of 5,000 objects and slowly, is over in half of the time that a function has. */
const expectInTime = (requests: number) =>
  expect(((requests / OBJECTS) * 5000 * SLOW_REQUEST_SECONDS) / AT_ONCE).toBeLessThan(FUNCTION_SECONDS / 2);
const payloadBytes = (payload: unknown) => Buffer.byteLength(JSON.stringify(payload));

describe(`a point of ${OBJECTS} objects`, () => {
  it('is locked by few requests for each, many at once, and goes on after being killed', async () => {
    let locked = 0;
    const vault: VaultWorld['vault'] = {
      ...world.vault,
      lockUntil: async (ref, mode, until) => {
        if (locked === OBJECTS / 2) throw new Error('the function was killed');
        locked += 1;
        await world.vault.lockUntil(ref, mode, until);
      },
    };
    await expect(lockObjects(request(), { ...world.lockPorts, vault })).rejects.toThrow('killed');
    const { until, objects } = await lockObjects(request(), world.lockPorts);
    // The objects, the manifest, and the fact itself.
    expect(objects).toBe(OBJECTS + 2);
    const heads = await mapSeveralAtOnce(manifest.objects, AT_ONCE, ({ key }) => world.vault.head({ key }));
    expect(new Set(heads.map((head) => head?.lockedUntil?.toISOString()))).toEqual(new Set([until]));
    expectInTime(await requestsOf(world.home, () => lockObjects({ ...request(), run: '20261120T040000Z-abcdef' }, world.lockPorts)));
  });

  it('is planned by few requests and copied in few batches, each once, and goes on after being killed', async () => {
    const ports = { ...world.copyPorts, sizes: COPY_SIZES };
    let plan = await planCopy(request(), ports);
    // A fresh replica is listed, and nothing in it looked at.
    expect(await requestsOf(world.second, () => planCopy(request(), ports))).toBeLessThan(10);
    expect(payloadBytes(plan)).toBeLessThan(PAYLOAD_BYTES / 4);
    let copied = 0;
    const copier: typeof ports.copier = {
      ...ports.copier,
      copyWhole: async (source, crc) => {
        if (copied === 100) throw new Error('the function was killed');
        copied += 1;
        return ports.copier.copyWhole(source, crc);
      },
    };
    await expect(copyParts(plan.batches[0]!, { ...ports, copier })).rejects.toThrow('killed');
    // The Map is tried again with the same batches; then everything is planned again.
    for (const batch of plan.batches.slice(0, 1)) await copyParts(batch, ports);
    plan = await planCopy(request(), ports);
    expect(payloadBytes(plan)).toBeLessThan(PAYLOAD_BYTES / 4);
    for (const batch of plan.batches) await copyParts(batch, ports);
    expect(await planCopy(request(), ports)).toEqual({ batches: [] });
    const versions = await storedVersions(world.replica, pointDataPrefix(world.system, ASSET, POINT));
    expect(versions).toHaveLength(OBJECTS);
  });

  it('is compared, locked and called replicated by few requests for each', async () => {
    const complete = () => completeCopy({ ...request(), batches: [] }, world.copyPorts);
    expectInTime(await requestsOf(world.second, complete));
    expect(payloadBytes(await complete())).toBeLessThan(1000);
    expect((await copyRecords(request(), world.copyPorts)).records).toBeGreaterThanOrEqual(2);
    const point = await readPoint(world.replica, world.system, ASSET, POINT);
    const [replicated] = point?.facts.filter((fact) => fact.kind === 'replicated') ?? [];
    expect(replicated?.objects.map(({ key }) => key)).toEqual(manifest.objects.map(({ key }) => key));
  });
});
