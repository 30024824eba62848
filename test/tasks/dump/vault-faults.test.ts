/** S3 that fails: what the SDK's own tries cannot mend ends the dump without a point; what they can is not noticed. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import type { Fault, FaultProxy, FaultRule } from '../../helpers/fault-proxy.ts';
import { faultProxy } from '../../helpers/fault-proxy.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase, rootSettings } from '../../helpers/servers.ts';
import { dumpRequest, failureOf, leftovers, loginTo, NOTHING, testPorts } from './ports.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

sampleTests('faults of the vault under a dump', 0.12);

let source: FreshDatabase;
let proxy: FaultProxy;
beforeAll(async () => {
  proxy = await faultProxy(inject('emulator'));
  source = await freshDatabase('vault_faults');
  const client = await source.connect();
  // Incompressible: several parts of 5 MiB.
  await client.query(
    `CREATE TABLE t AS SELECT string_agg(md5(random()::text), '') AS text FROM generate_series(1, 360000) i GROUP BY i % 600`,
  );
});
afterAll(async () => {
  await proxy.close();
  await source.drop();
});

const PARTS: FaultRule['matches'] = ({ method, query }) => method === 'PUT' && query.has('partNumber');
const COMPLETION: FaultRule['matches'] = ({ method, query }) => method === 'POST' && query.has('uploadId');
const MANIFEST: FaultRule['matches'] = ({ method, path }) => method === 'PUT' && path.endsWith('/manifest.json');
const FOR_EVER = Number.POSITIVE_INFINITY;
const UNAVAILABLE: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
const BROKEN: Fault = { kind: 'answer', status: 500, code: 'InternalError' };
const DENIED: Fault = { kind: 'answer', status: 403, code: 'AccessDenied' };
/** As when a lifecycle rule was faster: nothing is missing of what had been there, and the next try settles it. */
const ENDED: Fault = { kind: 'answer', status: 404, code: 'NoSuchUpload' };
const LOST: Fault = { kind: 'lose-answer' };
const CUT: Fault = { kind: 'cut-request', afterBytes: 1_000_000 };

const MIB = 1024 ** 2;
const LIMITS = {
  partBytes: 5 * MIB,
  tables: { tableBytes: MIB, leastTableBytes: MIB },
  segments: { leastBytes: 12 * MIB, mostBytes: 12 * MIB },
};

async function dumpThrough(rule: FaultRule, format: 'custom' | 'segmented' = 'custom') {
  const ports = await testPorts(loginTo(source), inject('postgres').binDir, { limits: LIMITS });
  proxy.rules.splice(0, Infinity, rule);
  const vault = openBucket(
    ports.bucket,
    { ...rootSettings(), endpointUrl: proxy.endpointUrl },
    { AWS_ENDPOINT_URL: proxy.endpointUrl },
  ).writer;
  const before = proxy.applied();
  const attempt = dumpPoint(dumpRequest({ format }), { ...ports, vault });
  return { attempt, ports, applied: () => proxy.applied() - before };
}

describe('a vault that fails', () => {
  let nextTry: (() => ReturnType<typeof dumpPoint>) | undefined;
  it.each<[string, FaultRule['matches'], Fault, string]>([
    ['answers 500 to a part', PARTS, BROKEN, 'VaultUnavailable'],
    ['answers 503 to the completion', COMPLETION, UNAVAILABLE, 'VaultUnavailable'],
    ['has ended the upload before its completion', COMPLETION, ENDED, 'VaultUnavailable'],
    ['answers 503 to the manifest', MANIFEST, UNAVAILABLE, 'VaultUnavailable'],
    ['breaks the connection in the middle of a part', PARTS, CUT, 'VaultUnavailable'],
    ['denies a part', PARTS, DENIED, 'VaultRefused'],
    ['denies the manifest', MANIFEST, DENIED, 'VaultRefused'],
  ])('%s, for good', async (_, matches, fault, expected) => {
    const { attempt, ports } = await dumpThrough({ matches, fault, times: FOR_EVER });
    expect((await failureOf(attempt)).failure).toBe(expected);
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
    nextTry = () => dumpPoint(dumpRequest({}, '0001-2'), ports);
  });
  it('that is well again takes the next try', async () => {
    proxy.rules.length = 0;
    expect((await nextTry?.())?.committed).toBe(true);
  });
  it.each<[string, FaultRule['matches'], Fault, number]>([
    ['500 to two parts', PARTS, BROKEN, 2],
    ['503 to the manifest', MANIFEST, UNAVAILABLE, 1],
    ['a broken connection in the middle of two parts', PARTS, CUT, 2],
    ['a lost answer to the completion', COMPLETION, LOST, 1],
  ])('only for a moment: %s', async (_, matches, fault, times) => {
    const { attempt, applied } = await dumpThrough({ matches, fault, times });
    expect((await attempt).committed).toBe(true);
    expect(applied()).toBe(times);
  });
  const random = seededRandom('a vault that fails a segmented dump');
  const CASES: [FaultRule['matches'], Fault, string][] = [
    [PARTS, BROKEN, 'VaultUnavailable'],
    [COMPLETION, UNAVAILABLE, 'VaultUnavailable'],
    [MANIFEST, UNAVAILABLE, 'VaultUnavailable'],
    [PARTS, CUT, 'VaultUnavailable'],
    [PARTS, DENIED, 'VaultRefused'],
    [COMPLETION, DENIED, 'VaultRefused'],
    [MANIFEST, DENIED, 'VaultRefused'],
  ];
  const SAMPLE = process.env['HOLDFAST_SOAK'] === '1' ? CASES : [CASES[random.below(CASES.length)]!];
  it.each(SAMPLE.map((each) => [CASES.indexOf(each), ...each] as const))(
    'in a segmented dump too (case %i)',
    async (_, matches, fault, expected) => {
      const { attempt, ports } = await dumpThrough({ matches, fault, times: FOR_EVER }, 'segmented');
      expect((await failureOf(attempt)).failure).toBe(expected);
      expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
    },
  );
});
