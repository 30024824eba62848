/** S3 asks the copy to slow down, or kills it in the middle: nothing is copied twice, and nothing is called replicated too early. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Copier } from '../../adapters/s3/copy-objects.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import type { CopyBatch } from '../../core/backup/contract.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { faultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { rootSettings } from '../helpers/servers.ts';
import { ASSET, makeVaultWorld, PART_BYTES, SECOND, type VaultWorld } from './vault-world.ts';

const PARTS = 8;
const RUN = '20261120T030000Z-abcdef';
let world: VaultWorld;
let proxy: FaultProxy;
let minute = 0;
beforeAll(async () => {
  world = await makeVaultWorld();
  proxy = await faultProxy(rootSettings(SECOND));
});
afterAll(() => proxy.close());

/** Through the proxy, as the functions are connected: in bulk. `copied` counts what S3 was asked and did, by the part. */
function throttledWorld() {
  const client = s3Client({ ...rootSettings(SECOND), endpointUrl: proxy.endpointUrl, isBulk: true }, {});
  const copied = new Map<string, number>();
  proxy.rules.splice(0);
  const counted = {
    times: Infinity,
    fault: { kind: 'answer', status: 500, code: 'Never' } as const,
    matches: ({ query, headers }: { query: URLSearchParams; headers: Record<string, unknown> }) => {
      const part = query.get('partNumber');
      if (part !== null && 'x-amz-copy-source' in headers) copied.set(part, (copied.get(part) ?? 0) + 1);
      return false;
    },
  };
  return { ports: { ...world.copyPorts, copier: s3Copier(client, world.replicaBucket, world.vaultBucket) }, copied, counted };
}

async function freshRequest() {
  const point = `20261120T02${String(minute++).padStart(2, '0')}00Z`;
  await world.putLockedPoint(point, [randomBytes((PARTS - 1) * PART_BYTES + 1000)]);
  return { system: world.system, asset: ASSET, point, run: RUN, keys: [] };
}

describe('a copy', { timeout: 120_000 }, () => {
  it('slows down when S3 asks for it, and copies every part once', async () => {
    const request = await freshRequest();
    const { ports, copied, counted } = throttledWorld();
    const isPartCopy = ({ query, headers }: { query: URLSearchParams; headers: Record<string, unknown> }) =>
      query.has('partNumber') && 'x-amz-copy-source' in headers;
    const slowDown = { matches: isPartCopy, times: 4, fault: { kind: 'answer', status: 503, code: 'SlowDown' } as const };
    proxy.rules.push(slowDown, counted);
    const { batches } = await planCopy(request, ports);
    const startedAt = performance.now();
    for (const batch of batches) await copyParts(batch, ports);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(slowDown.times).toBe(0);
    expect([...copied.values()]).toEqual(Array(PARTS).fill(1));
    console.log(`4 answers of SlowDown: ${PARTS} parts in ${seconds.toFixed(1)} s, each copied once`);
    await completeCopy({ ...request, batches }, ports);
  });

  it('torn in the middle, goes on with the parts that are missing and with no other', async () => {
    const request = await freshRequest();
    const { ports, copied, counted } = throttledWorld();
    proxy.rules.push(counted);
    const { batches } = await planCopy(request, ports);
    // Every third part is there: gaps, as several that are copied at once leave them.
    for (const batch of batches as Extract<CopyBatch, { uploadId: string }>[])
      for (let part = batch.firstPart; part <= batch.lastPart; part += 3)
        await copyParts({ ...batch, firstPart: part, lastPart: part }, ports);
    expect(copied.size).toBeLessThan(PARTS);
    const again = (await planCopy(request, ports)).batches;
    for (const batch of again) await copyParts(batch, ports);
    // A batch whose answer was lost is called a second time.
    for (const batch of again) expect(await copyParts(batch, ports)).toEqual({ parts: 0 });
    expect([...copied.values()]).toEqual(Array(PARTS).fill(1));
    await completeCopy({ ...request, batches: again }, ports);
  });
});
