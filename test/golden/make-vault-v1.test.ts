/**
 * Makes test/golden/vault-v1, once, by the deployed pipeline itself. It writes only when it is told to, and never over a golden
 * vault that is there: a golden vault is what a release wrote, not what this one would write.
 *
 *     HOLDFAST_MAKE_GOLDEN_VAULT=1 npx vitest run test/golden/make-vault-v1.test.ts
 *
 * Everything in it is made up. The escrow bucket is left out: an envelope opens under the KMS keys of the emulator that made it and
 * under nothing else, and those are gone with it.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { keyAlias } from '../../core/names.ts';
import { chainPrefix, manifestKey } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import { rootSettings } from '../../local/run/place.ts';
import { collect, objectReaderContract } from '../contracts/object-reader.ts';
import { readContent, type DatabaseContent } from '../helpers/database-content.ts';
import { deploySystem, type DeployedSystem } from '../helpers/deployed-system.ts';
import { openGoldenVault, writeGoldenVault, type Expected } from '../helpers/golden-vault.ts';
import { connectToTestServer } from '../helpers/servers.ts';

const DIRECTORY = fileURLToPath(new URL('vault-v1', import.meta.url));
const SYSTEM = 'golden';
/** The least that has every table: 440 events of a log, 160 credentials, 20 of all else. */
const SCALE = 0.004;
const MAKE_MILLISECONDS = 600_000;
/** Archives of PostgreSQL 15 are of version 1.14, which every pg_restore from 12 on reads. */
const OLDEST_PG_DUMP = 15;

describe.runIf(process.env['HOLDFAST_MAKE_GOLDEN_VAULT'] === '1')('a golden vault', { timeout: MAKE_MILLISECONDS }, () => {
  let system: DeployedSystem;
  const made: { asset: string; point: string; content: DatabaseContent }[] = [];

  beforeAll(async () => {
    if (existsSync(DIRECTORY)) throw new Error(`${DIRECTORY} exists, and a golden vault is never written again`);
    system = await deploySystem((plan) => {
      for (const named of plan.assets.flatMap(({ source, restore }) => (restore ? [source, restore] : [source])))
        named.secret = named.secret.replace(plan.system, SYSTEM);
      plan.system = SYSTEM;
      const plain = structuredClone(plan.assets[0]!);
      plain.source.secret += '-as-text';
      const dump = { format: 'plain', cleanIfExists: true, schemaOnlyBeside: true, compression: { method: 'zstd' } };
      plan.assets.push({ ...plain, id: 'plain', dump });
    }, SCALE);
  }, MAKE_MILLISECONDS);
  afterAll(() => system?.close());

  const run = async (...args: Parameters<DeployedSystem['run']>) => {
    const end = await system.run(...args);
    expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');
  };
  const backup = async (asset: string, slot: string) => {
    const source = await connectToTestServer(system.source.secret.dbname);
    await run('backup', { asset, slot });
    made.push({ asset, point: slot.replaceAll(/[-:]/g, ''), content: await readContent(source) });
    await source.query(
      "insert into users (did, email, display_name) select 'did:ida:' || md5(n), n || '@example.org', n from concat('later', (select count(*) from users)) n",
    );
    await source.end();
  };

  it('is made by runs of the pipeline', async () => {
    await run('escrow', {});
    await backup('postgres', '2026-11-19T01:15:00Z');
    await backup('postgres', '2026-11-20T01:15:00Z');
    await backup('plain', '2026-11-20T01:15:00Z');
    await run('drill', { asset: 'postgres' });
    await run('drill', { asset: 'plain' });
  });

  it('holds a point that somebody wrote over and hid', async () => {
    const { client } = openBucket(system.vault.bucket, rootSettings(system.place), {});
    const at = { Bucket: system.vault.bucket, Key: manifestKey(SYSTEM, 'postgres', made[0]!.point) };
    const committed = await system.vault.get({ key: at.Key });
    await client.send(new DeleteObjectCommand(at));
    const forged = Buffer.from(committed!.body).toString().replace('"golden"', '"gilded"');
    await client.send(new PutObjectCommand({ ...at, Body: forged, IfNoneMatch: '*' }));
    await client.send(new DeleteObjectCommand(at));
  });

  it('is written down with what is expected of it', async () => {
    const points: Expected['points'] = [];
    for (const { asset, point, content } of made) {
      const listed = (await listPoints(system.vault, SYSTEM, asset)).find((one) => one.point === point)!;
      const { manifest, manifestSha256, facts } = (await readPoint(system.vault, SYSTEM, asset, point))!;
      expect(Number.parseInt(manifest.tools.pgDump, 10)).toBe(OLDEST_PG_DUMP);
      const { isHidden, isOverwritten } = listed;
      const { format } = manifest.dump;
      const kinds = facts.map(({ kind }) => kind).toSorted();
      points.push({
        asset,
        point,
        format: format === 'plain' ? 'plain' : 'custom',
        isHidden,
        isOverwritten,
        manifestSha256,
        facts: kinds,
        ...content,
      });
    }
    const links: Expected['links'] = {};
    for (const asset of ['postgres', 'plain']) links[asset] = (await collect(system.vault.list(chainPrefix(SYSTEM, asset)))).length;
    const signatures = (await collect(system.vault.list(''))).filter(({ key }) => key.endsWith('.dsse.json'));
    const signed = signatures.map(({ key }) => key.replace('.dsse.json', '.json'));
    const kms = new KMSClient(clientConfig(rootSettings(system.place)));
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyAlias(SYSTEM, 'evidence') }));
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey!).toString('base64')}\n-----END PUBLIC KEY-----\n`;

    mkdirSync(DIRECTORY);
    await writeGoldenVault(system.vault, DIRECTORY);
    writeFileSync(join(DIRECTORY, 'evidence-key.pem'), pem);
    const expected: Expected = { system: SYSTEM, points, links, signed };
    writeFileSync(join(DIRECTORY, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
  });

  it('is read from its folder as from its bucket', async () => {
    const golden = openGoldenVault(DIRECTORY);
    for (const prefix of ['', 'catalog/', 'data/', 'evidence/', 'none/']) {
      expect(await collect(golden.listVersions(prefix))).toEqual(await collect(system.vault.listVersions(prefix)));
      expect(await collect(golden.list(prefix))).toEqual(await collect(system.vault.list(prefix)));
      expect(await collect(golden.listFolders(prefix))).toEqual(await collect(system.vault.listFolders(prefix)));
    }
  });

  objectReaderContract('The bucket', () => ({ reader: system.vault, prefix: '' }));
});
