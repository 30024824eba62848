/** A hot standby as source: sessions share a snapshot and lock tables there as on a primary, though it takes no writes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { dumpPoint } from '../../tasks/dump/dump-point.ts';
import { verifyPoint } from '../../tasks/verify/verify-point.ts';
import { startOtherPostgres, type OtherPostgres } from '../helpers/other-postgres.ts';
import { assetPlan, POINT, testPorts } from '../tasks/dump/ports.ts';
import { SMALL_SEGMENTS } from './ways.ts';

let standby: OtherPostgres;
beforeAll(async () => {
  standby = await startOtherPostgres(18);
  const client = await standby.connect();
  await client.query(`CREATE TABLE big (id int PRIMARY KEY, text text); INSERT INTO big SELECT i, md5(i::text) FROM generate_series(1, 20000) i;
    CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM big; SELECT lo_from_bytea(0, '\\x00ff'); CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS id`);
  await standby.becomeStandby();
});
afterAll(() => standby.stop());

const pointOf = async (format: 'segmented' | 'custom') => {
  const { host, port, user, password, database, binDir } = standby;
  const login = { host, port, user, password, database, tls: { mode: 'disable' as const, ca: undefined } };
  const ports = await testPorts(login, binDir, { limits: SMALL_SEGMENTS });
  try {
    const request = { system: 'sys', asset: assetPlan({ format }), point: POINT, attempt: '0001-1' };
    const { manifest } = await dumpPoint(request, ports);
    const searchPath = `${binDir}:/usr/bin:/bin`;
    const { signal } = new AbortController();
    const pgRestore = await findProgram('pg_restore', searchPath);
    const verified = await verifyPoint(
      { system: 'sys', asset: 'db', point: POINT },
      { reader: ports.reader, pgRestore, searchPath, signal },
    );
    return { manifest, verified };
  } finally {
    ports.cleanUp();
  }
};

it.each(['segmented', 'custom'] as const)('a %s dump of a standby is whole', async (format) => {
  const { manifest, verified } = await pointOf(format);
  expect(verified.content.rows).toContainEqual({ table: 'public.big', rows: 20_000 });
  expect(verified.content.largeObjects).toBe(1);
  expect(manifest.objects.some(({ role }) => role === 'segment')).toBe(format === 'segmented');
  expect(manifest.source.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
});
