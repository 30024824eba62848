/** What one release wrote, every later one lists, verifies and restores: the golden vault of format version 1, which nobody may change. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { Claim } from '../../core/backup/claim.ts';
import { DrillEvidence, DrillResult } from '../../core/drill/contract.ts';
import { verifyEnvelope } from '../../core/evidence/envelope.ts';
import { checkChain } from '../../core/evidence/verify/check-chain.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { chainPrefix, evidencePrefix, manifestKey, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import { PointRoles } from '../../core/vault/roles.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import { runRestore } from '../../tasks/restore/run-restore.ts';
import { decodeArchive } from '../../tasks/verify/decode-archive.ts';
import { loadPoint } from '../../tasks/verify/load-point.ts';
import { checkPointBytes, readArchive } from '../../tasks/verify/read-archive.ts';
import { collect, objectReaderContract } from '../contracts/object-reader.ts';
import { readContent } from '../helpers/database-content.ts';
import { openGoldenVault, type Expected } from '../helpers/golden-vault.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../helpers/servers.ts';
import { assetPlan, loginTo } from '../tasks/dump/ports.ts';

const DIRECTORY = fileURLToPath(new URL('vault-v1', import.meta.url));
const { system, points, links, signed } = JSON.parse(readFileSync(join(DIRECTORY, 'expected.json'), 'utf8')) as Expected;
const publicKeyPem = readFileSync(join(DIRECTORY, 'evidence-key.pem'), 'utf8');
const vault = openGoldenVault(DIRECTORY);
const assets = [...new Set(points.map(({ asset }) => asset))];
const titled = points.map((expected) => ({ ...expected, title: `${expected.asset}/${expected.point}` }));
const { signal } = new AbortController();

const recordAt = async (key: string) => (await readRecord(vault, key))!.body;
const jsonAt = async (key: string) => JSON.parse(Buffer.from(await recordAt(key)).toString()) as unknown;
const asStored = (bodies: readonly Uint8Array[]) =>
  bodies.map((body, index) => ({ number: index + 1, body, signature: 'unsigned' as const }));
const keysBelow = async (prefix: string) => [...new Set((await collect(vault.listVersions(prefix))).map(({ key }) => key))];

objectReaderContract('The golden vault', () => ({ reader: vault, prefix: '' }));

it('every point is listed, with its kinds of facts', async () => {
  for (const asset of assets) {
    const expected = points.filter((one) => one.asset === asset).toSorted((a, b) => (a.point < b.point ? 1 : -1));
    expect(await listPoints(vault, system, asset)).toEqual(
      expected.map(({ point, facts, isHidden, isOverwritten }) => ({
        point,
        kinds: new Set(facts),
        isHidden,
        isOverwritten,
        isSigned: true,
      })),
    );
  }
});

it.each(titled)('$title is read, with every fact', async ({ asset, point, ...expected }) => {
  const records = await readPoint(vault, system, asset, point);
  expect(records?.manifestSha256).toBe(expected.manifestSha256);
  expect(records?.manifest).toMatchObject({ system, asset, point, dump: { format: expected.format } });
  expect(records?.facts.map(({ kind }) => kind).toSorted()).toEqual(expected.facts);
});

it('evidence and claims are read', async () => {
  const evidence = (await keysBelow(evidencePrefix(system))).filter((key) => !key.endsWith('.dsse.json'));
  for (const key of evidence) (key.includes('/drill-result-') ? DrillResult : DrillEvidence).parse(await jsonAt(key));
  const claims = await keysBelow('runs/');
  for (const key of claims) Claim.parse(await jsonAt(key));
  expect([evidence.length, claims.length]).toEqual([4, 3]);
});

it('every signature verifies with the public key alone', async () => {
  expect(signed.length).toBeGreaterThan(points.length - 1);
  for (const key of signed) {
    const envelope = await jsonAt(signatureKey(key));
    const bytes = Buffer.from(await recordAt(key));
    expect(verifyEnvelope(envelope, publicKeyPem, key, bytes), key).toMatchObject({ isValid: true });
    bytes[bytes.length >> 1]! ^= 1;
    expect(verifyEnvelope(envelope, publicKeyPem, key, bytes), key).toMatchObject({ isValid: false });
  }
});

it.each(assets)('the chain of %s is whole', async (asset) => {
  const keys = await keysBelow(chainPrefix(system, asset));
  expect(keys).toHaveLength(links[asset]!);
  const bodies = await Promise.all(keys.map(recordAt));
  const problems: string[] = [];
  const chain = checkChain({ system, asset }, asStored(bodies), (kind, key, text) => problems.push(`${kind} ${key}: ${text}`));
  expect(problems).toEqual([]);
  const hashes = points.filter((one) => one.asset === asset).map(({ point, manifestSha256 }) => [point, manifestSha256]);
  expect(new Map([...chain.byPoint].map(([point, { link }]) => [point, link.manifestSha256]))).toEqual(
    new Map(hashes as [string, string][]),
  );
});

it.each(titled)('every byte of $title checks, and its archive decodes to its end', async ({ asset, point, tables, largeObjects }) => {
  const { manifest } = await loadPoint(vault, { system, asset, point });
  const sizeBytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  expect(await checkPointBytes(vault, manifest)).toEqual({ objects: manifest.objects.length, bytes: sizeBytes });
  const { binDir: searchPath } = inject('postgres');
  const pgRestore = await findProgram('pg_restore', searchPath);
  const content = await decodeArchive(readArchive(vault, manifest), { manifest, pgRestore, searchPath, signal });
  expect(Object.fromEntries(content.rows.map(({ table, rows }) => [table, rows]))).toEqual(
    Object.fromEntries(Object.entries(tables).map(([table, { rows }]) => [table, rows])),
  );
  expect(content.largeObjects).toBe(largeObjects.count);
});

describe('restored into a new database', () => {
  let server: FreshDatabase;
  let scratchDir: string;
  let rolesBefore: string[];
  const restored: string[] = [];
  const rolesOfServer = async (): Promise<string[]> => {
    const { rows } = await (await server.connect()).query<{ name: string }>('select rolname as name from pg_roles');
    return rows.map(({ name }) => name);
  };

  beforeAll(async () => {
    server = await freshDatabase('golden');
    scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-golden-'));
    rolesBefore = await rolesOfServer();
  });
  afterAll(async () => {
    const client = await server.connect();
    for (const database of restored) await client.query(`drop database if exists ${database} with (force)`);
    const keys = (await keysBelow('data/')).filter((key) => key.endsWith('/roles.json'));
    const records = await Promise.all(keys.map(async (key) => PointRoles.parse(await jsonAt(key))));
    const ofPoints = new Set(records.flatMap(({ roles }) => roles.map(({ name }) => name)));
    for (const name of (await rolesOfServer()).filter((role) => ofPoints.has(role) && !rolesBefore.includes(role)))
      await client.query(`drop role ${client.escapeIdentifier(name)}`);
    await server.drop();
    rmSync(scratchDir, { recursive: true, force: true });
  });

  it.each(titled)('$title holds every row and every large object', async ({ asset, point, tables, largeObjects }) => {
    const database = `golden_${uniqueSuffix()}`;
    restored.push(database);
    const path = `${inject('postgres').binDir}:/usr/bin:/bin`;
    await runRestore(
      { system, asset: assetPlan({}, { id: asset }), point, run: 'run', database, scratchDir, path },
      { reader: vault, login: loginTo(server), now: () => new Date(), report: () => undefined, moved: () => undefined },
      signal,
    );
    const client = await connectToTestServer(database);
    expect(await readContent(client)).toEqual({ tables, largeObjects });
    await client.end();
    expect(readdirSync(scratchDir)).toEqual([]);
  });
});

describe('a record of another format', () => {
  const { asset, point } = points.at(-1)!;
  /** The golden vault, with the format of some of its records changed. */
  const withFormat = (isChanged: (key: string) => boolean, from: string, to: string): ObjectReader => ({
    ...vault,
    async get(ref) {
      const found = await vault.get(ref);
      if (!found || !isChanged(ref.key)) return found;
      const changed = Buffer.from(found.body).toString().replace(`"${from}"`, `"${to}"`);
      expect(changed).not.toBe(Buffer.from(found.body).toString());
      return { ...found, body: Buffer.from(changed) };
    },
  });
  const thrownBy = async (reading: Promise<unknown>): Promise<unknown> =>
    reading.then(
      () => undefined,
      (error: unknown) => error,
    );
  const isManifest = (key: string) => key === manifestKey(system, asset, point);
  const isVerified = (key: string) => key.startsWith(`${pointPrefix(system, asset, point)}verified-`);

  it('is listed, and refused by the name of its format', async () => {
    const changed = withFormat(isManifest, 'holdfast/manifest/v1', 'holdfast/manifest/v3');
    expect((await listPoints(changed, system, asset)).map((listed) => listed.point)).toContain(point);
    for (const read of [() => readPoint(changed, system, asset, point), () => loadPoint(changed, { system, asset, point })]) {
      const error = await thrownBy(read());
      expect(error).toBeInstanceOf(RecordFormatUnknown);
      expect(error).toMatchObject({
        message: expect.stringMatching(
          /holdfast\/manifest\/v3; this release reads holdfast\/manifest\/v1 and holdfast\/manifest\/v2/,
        ) as string,
      });
    }
    const facts = withFormat(isVerified, 'holdfast/fact/v1', 'holdfast/fact/v12');
    expect(await thrownBy(readPoint(facts, system, asset, point))).toMatchObject({
      message: expect.stringContaining('holdfast/fact/v12') as string,
    });
    const [link] = await Promise.all((await keysBelow(chainPrefix(system, asset))).map(recordAt));
    const later = Buffer.from(Buffer.from(link!).toString().replace('link/v1', 'link/v3'));
    const problems: string[] = [];
    checkChain({ system, asset }, asStored([later]), (kind, _key, text) => problems.push(`${kind}: ${text}`));
    expect(problems).toEqual([expect.stringMatching(/^format-unknown: .*holdfast\/link\/v3/)]);
  });

  it('is damage when it is no format of Holdfast, and is not quoted', async () => {
    for (const format of ['holdfast/manifest/vx', 'holdfast/fact/v1', 'somebody@example.org', 'holdfast/manifest/v3 <b>']) {
      const error = await thrownBy(readPoint(withFormat(isManifest, 'holdfast/manifest/v1', format), system, asset, point));
      expect(error).toBeInstanceOf(PointRecordDamaged);
      expect((error as Error).message).not.toContain(format);
    }
  });
});
