/**
 * Makes test/golden/vault-v2, once: segmented points by the dump and verify tasks themselves, with segments as small as its tables. It
 * writes only when it is told to, and never over a golden vault that is there.
 *
 *     HOLDFAST_MAKE_GOLDEN_VAULT=1 npx vitest run test/golden/make-vault-v2.test.ts
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject, expect, it } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { factKey } from '../../core/vault/keys.ts';
import { dumpPoint } from '../../tasks/dump/dump-point.ts';
import { verifiedFact, verifyPoint } from '../../tasks/verify/verify-point.ts';
import { writeGoldenVault } from '../helpers/golden-vault.ts';
import { freshDatabase } from '../helpers/servers.ts';
import { assetPlan, loginTo, testPorts } from '../tasks/dump/ports.ts';
import { readText } from './database-text.ts';
import { SOURCE_SQL } from './source-v2.ts';

const DIRECTORY = fileURLToPath(new URL('vault-v2', import.meta.url));
const SYSTEM = 'golden';
const POINTS = { zstd: '20261121T021500Z', gzip: '20261121T031500Z' };
/** Archives of PostgreSQL 15 are of version 1.14, which every pg_restore from 12 on reads. */
const OLDEST_PG_DUMP = 15;
const LIMITS = {
  tables: { tableBytes: 64 * 1024, leastTableBytes: 64 * 1024 },
  segments: { leastBytes: 64 * 1024, mostBytes: 64 * 1024 },
};

it.runIf(process.env['HOLDFAST_MAKE_GOLDEN_VAULT'] === '1')('a golden vault of segmented points is made', async () => {
  if (existsSync(DIRECTORY)) throw new Error(`${DIRECTORY} exists, and a golden vault is never written again`);
  const source = await freshDatabase('golden');
  const client = await source.connect();
  await client.query(SOURCE_SQL);
  const ports = await testPorts(loginTo(source), source.binDir, { limits: LIMITS });
  try {
    const points: object[] = [];
    for (const method of ['zstd', 'gzip'] as const) {
      const asset = assetPlan({ format: 'segmented', compression: { method } }, { id: method });
      const name = { system: SYSTEM, asset: asset.id, point: POINTS[method] };
      const { manifest } = await dumpPoint({ ...name, asset, attempt: '0001-1' }, ports);
      expect([manifest.format, Number.parseInt(manifest.tools.pgDump, 10)]).toEqual(['holdfast/manifest/v2', OLDEST_PG_DUMP]);
      const { searchPath, reader, signal } = ports;
      const verified = await verifyPoint(name, { reader, pgRestore: await findProgram('pg_restore', searchPath), searchPath, signal });
      const fact = verifiedFact(name, 'run', new Date(), verified);
      await ports.vault.putOnce(factKey(SYSTEM, asset.id, name.point, 'verified', 'run'), JSON.stringify(fact));
      const { manifestSha256 } = verified;
      const segments = manifest.objects.flatMap((object) => ('segment' in object && object.segment ? [object.segment] : []));
      const segmentsOf = Object.fromEntries(segments.map(({ table, of }) => [table, of]));
      points.push({ asset: asset.id, point: name.point, compression: method, manifestSha256, segmentsOf });
    }
    mkdirSync(DIRECTORY);
    await writeGoldenVault(ports.reader, DIRECTORY);
    writeFileSync(join(DIRECTORY, 'expected.json'), `${JSON.stringify({ system: SYSTEM, points }, undefined, 2)}\n`);
    writeFileSync(join(DIRECTORY, 'expected.txt'), await readText(client));
    expect(inject('postgres').major).toBe(OLDEST_PG_DUMP);
  } finally {
    ports.cleanUp();
    await source.drop();
  }
});
