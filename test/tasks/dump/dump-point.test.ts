/** What a point consists of, on a real server: read back, put together by hand, and restored with the stock programs. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { attemptPrefix, envelopeKey, escrowFactKey, manifestKey } from '../../../core/vault/keys.ts';
import { Manifest } from '../../../core/vault/manifest.ts';
import { PointRoles } from '../../../core/vault/roles.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { archiveObjects } from '../../../tasks/verify/read-archive.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase, rootS3, uniqueSuffix } from '../../helpers/servers.ts';
import type { TestPorts } from './ports.ts';
import { assetPlan, dumpRequest, leftovers, loginTo, POINT, testPorts } from './ports.ts';

const suffix = uniqueSuffix();
const [app, member, odd] = [`app_${suffix}`, `member_${suffix}`, `Odd "role"\n-- ${suffix}`];
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('point');
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 20000) i;
    SELECT lo_from_bytea(0, '\\x0102');
    CREATE ROLE ${app} LOGIN PASSWORD 'pl4nted'; CREATE ROLE ${member} NOINHERIT CREATEDB CONNECTION LIMIT 3; CREATE ROLE ${quoted(odd)};
    GRANT ${app} TO ${member} WITH ADMIN OPTION; GRANT pg_monitor TO ${app}; ALTER TABLE t OWNER TO ${app};
    ALTER DATABASE ${source.database} SET search_path TO "$user", 'Odd, "schema"', public;
    ALTER DATABASE ${source.database} SET app.motto TO 'it''s a \\backslash';
    ALTER ROLE ${app} SET work_mem TO '7MB'; ALTER ROLE ${quoted(odd)} IN DATABASE ${source.database} SET statement_timeout TO '5s'`);
});
afterAll(async () => {
  const client = await source.connect();
  await client.query(`DROP OWNED BY ${app}`);
  await source.drop();
  const elsewhere = await freshDatabase('point');
  await (await elsewhere.connect()).query(`DROP ROLE ${app}, ${member}, ${quoted(odd)}`);
  await elsewhere.drop();
});

const ports = (over: Parameters<typeof testPorts>[2] = {}) => testPorts(loginTo(source), inject('postgres').binDir, over);
const bodyOf = async (from: TestPorts, manifest: Manifest, role: string) => {
  const object = manifest.objects.find((each) => each.role === role);
  const found = await from.reader.get({ key: object?.key ?? '', versionId: object?.versionId });
  return Buffer.from(found?.body ?? []);
};

describe('a point', () => {
  it.each([
    ['custom', ['dump-0001']],
    ['segmented', ['rest-0001', 'archive/toc.dat', expect.stringMatching(/archive\/\d+\.0001\.dat\.zst$/)]],
  ] as const)('is committed by its manifest, once, with everything that belongs to it (%s)', async (format, archive) => {
    const at = await ports();
    const before = new Date();
    const { committed, manifest } = await dumpPoint(dumpRequest({ schemaOnlyBeside: true, format }), at);
    expect(committed).toBe(true);
    const stored = await at.reader.get({ key: manifestKey('sys', 'db', POINT) });
    expect(Manifest.parse(JSON.parse(Buffer.from(stored?.body ?? []).toString()))).toEqual(manifest);
    const prefix = attemptPrefix('sys', 'db', POINT, '0001-1');
    expect(manifest.objects.map((object) => object.key)).toEqual(
      ['roles.json', 'settings.sql', 'schema.sql', ...archive].map((name) => (typeof name === 'string' ? prefix + name : name)),
    );
    expect(readdirSync(at.scratchDir)).toEqual([]);
    expect(manifest.source).toMatchObject({ engine: 'postgres', database: source.database, encoding: 'UTF8', localeProvider: 'libc' });
    expect(manifest.source.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(manifest.source.extensions).toContainEqual({ name: 'plpgsql', version: '1.0', schema: 'pg_catalog' });
    expect(Math.abs(Date.parse(manifest.consistentAt) - before.getTime())).toBeLessThan(60_000);

    const second = await dumpPoint(dumpRequest({ format }, '0001-2'), at);
    expect(second.committed).toBe(false);
    expect((await leftovers(at.bucket, at.scratchDir)).manifests).toHaveLength(1);
    expect(Buffer.from((await at.reader.get({ key: manifestKey('sys', 'db', POINT) }))?.body ?? [])).toEqual(
      Buffer.from(stored?.body ?? []),
    );
  });

  it('holds what was committed before it and nothing after', async () => {
    const client = await source.connect();
    await client.query('CREATE TABLE moments (at timestamptz)');
    const writing = new AbortController();
    const writer = (async () => {
      while (!writing.signal.aborted) await client.query('INSERT INTO moments VALUES (clock_timestamp())');
    })();
    const at = await ports();
    const { manifest } = await dumpPoint(dumpRequest({ format: 'plain', compression: { method: 'gzip' } }), at);
    writing.abort();
    await writer;
    const text = gunzipSync(await bodyOf(at, manifest, 'dump')).toString();
    const rows = /COPY public\.moments \(at\) FROM stdin;\n([\s\S]*?)\\\.\n/.exec(text)?.[1]?.split('\n').filter(Boolean) ?? [];
    const committedBefore = await client.query<{ n: string }>(
      "SELECT count(*)::text AS n FROM moments WHERE at < $1::timestamptz - interval '50 ms'",
      [manifest.consistentAt],
    );
    expect(rows.length).toBeGreaterThanOrEqual(Number(committedBefore.rows[0]?.n));
    const all = await client.query<{ n: string }>('SELECT count(*)::text AS n FROM moments');
    expect(rows.length).toBeLessThan(Number(all.rows[0]?.n));
    await client.query('DROP TABLE moments');
  });

  it.each(['custom', 'plain'] as const)('in pieces is put together with cat (%s)', async (format) => {
    const at = await ports({ limits: { objectBytes: 50_000, partBytes: 5 * 1024 ** 2 } });
    const { manifest } = await dumpPoint(dumpRequest({ format, compression: { method: 'gzip' } }), at);
    const pieces = archiveObjects(manifest);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.slice(0, -1).every((piece) => piece.sizeBytes === 50_000)).toBe(true);
    expect(pieces.map((piece) => piece.key.slice(-9))).toEqual(pieces.map((_, index) => `dump-${String(index + 1).padStart(4, '0')}`));
    const bodies = await Promise.all(
      pieces.map(async ({ key, versionId }) => (await at.reader.get({ key, versionId }))?.body ?? new Uint8Array()),
    );
    const archive = Buffer.concat(bodies);

    const target = await freshDatabase('by_hand');
    const program = (name: string, args: string[], input: Buffer) =>
      execFileSync(join(target.binDir, name), args, {
        env: { ...target.libpq, PATH: '/usr/bin:/bin' },
        input,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
    if (format === 'custom') program('pg_restore', ['--exit-on-error', `--dbname=${target.database}`], archive);
    else program('psql', ['--no-psqlrc', '--set=ON_ERROR_STOP=1'], gunzipSync(archive));
    const client = await target.connect();
    const { rows } = await client.query<{ n: string; lobs: string }>(
      'SELECT (SELECT count(*) FROM t)::text AS n, (SELECT count(*) FROM pg_largeobject_metadata)::text AS lobs',
    );
    expect(rows).toEqual([{ n: '20000', lobs: '1' }]);
    await target.drop();
  });

  it('knows the roles, and no password of theirs', async () => {
    const at = await ports();
    const { manifest } = await dumpPoint(dumpRequest(), at);
    const text = (await bodyOf(at, manifest, 'roles')).toString();
    const { roles, memberships } = PointRoles.parse(JSON.parse(text));
    expect(roles.find(({ name }) => name === app)).toMatchObject({ login: true, superuser: false, inherit: true });
    expect(roles.find(({ name }) => name === member)).toMatchObject({
      login: false,
      inherit: false,
      createDatabase: true,
      connectionLimit: 3,
    });
    expect(memberships).toContainEqual({ role: app, member, admin: true });
    expect(memberships).toContainEqual({ role: 'pg_monitor', member: app, admin: false });
    for (const secret of ['pl4nted', 'SCRAM', source.password])
      expect(text + (await bodyOf(at, manifest, 'settings')).toString()).not.toContain(secret);
  });

  it('brings settings that can be run in a database of another name, twice', async () => {
    const at = await ports();
    const { manifest } = await dumpPoint(dumpRequest(), at);
    // The roles of other suites on this server come and go: one statement per line, ours are run.
    const lines = (await bodyOf(at, manifest, 'settings')).toString().split('\n');
    const sql = lines.filter((line) => line.includes(suffix) || line.includes('current_database')).join('\n');
    const target = await freshDatabase('settings');
    const client = await target.connect();
    await client.query(sql);
    await client.query(sql);
    const { rows } = await client.query<{ role: string | null; setting: string }>(
      `SELECT r.rolname AS role, unnest(setconfig) AS setting FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 2`,
    );
    expect(rows).toEqual([
      { role: null, setting: `app.motto=it's a \\backslash` },
      { role: null, setting: 'search_path="$user", "Odd, ""schema""", public' },
      { role: odd, setting: 'statement_timeout=5s' },
    ]);
    await target.drop();
  });

  it('names the keys that it needs by what is in escrow, and is made without them too', async () => {
    const at = await ports();
    const asset = assetPlan({}, { needsKeys: ['wallet', 'absent'] });
    const [old, current] = ['aa'.repeat(32), 'bb'.repeat(32)];
    for (const fingerprint of [old, current]) await at.vault.putOnce(envelopeKey('sys', 'wallet', fingerprint), 'sealed');
    await at.vault.putOnce(escrowFactKey('sys', 'wallet', old, 'current', '20260101T000000Z-aaaaaa'), '{}');
    await at.vault.putOnce(escrowFactKey('sys', 'wallet', current, 'current', '20260201T000000Z-aaaaaa'), '{}');
    const { manifest } = await dumpPoint({ ...dumpRequest(), asset }, at);
    expect(manifest.keys).toEqual([{ key: 'wallet', fingerprint: current }]);
  });

  it('names them though a delete marker hides all that escrow says of the value in use', async () => {
    const at = await ports();
    const asset = assetPlan({}, { needsKeys: ['wallet'] });
    const [old, current] = ['aa'.repeat(32), 'bb'.repeat(32)];
    await at.vault.putOnce(escrowFactKey('sys', 'wallet', old, 'current', '20260101T000000Z-aaaaaa'), '{}');
    const hidden = escrowFactKey('sys', 'wallet', current, 'current', '20260201T000000Z-aaaaaa');
    await at.vault.putOnce(hidden, '{}');
    await rootS3().send(new DeleteObjectCommand({ Bucket: at.bucket, Key: hidden }));
    expect(await at.reader.get({ key: hidden })).toBeUndefined();
    const { manifest } = await dumpPoint({ ...dumpRequest(), asset }, at);
    expect(manifest.keys).toEqual([{ key: 'wallet', fingerprint: current }]);
  });

  it('names every value that became current since the last point: rows may be of any', async () => {
    const at = await ports();
    const [before, between, current] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32)) as [string, string, string];
    const rotations = [
      [before, '20260531T004500Z-aaaaaa'],
      [between, '20260531T120000Z-aaaaaa'],
      [current, '20260531T180000Z-aaaaaa'],
    ] as const;
    for (const [fingerprint, run] of rotations) await at.vault.putOnce(escrowFactKey('sys', 'wallet', fingerprint, 'current', run), '{}');
    const asset = assetPlan({}, { needsKeys: ['wallet'] });
    const named = async (lastPoint: string | undefined, attempt: string) => {
      const { manifest } = await dumpPoint({ ...dumpRequest({}, attempt), point: `2026060${attempt}T020000Z`, asset, lastPoint }, at);
      return manifest.keys;
    };
    const wallet = (...fingerprints: string[]) => fingerprints.map((fingerprint) => ({ key: 'wallet', fingerprint }));
    expect(await named('20260531T020000Z', '1')).toEqual(wallet(current, between));
    expect(await named('20260531T150000Z', '2')).toEqual(wallet(current));
    expect(await named(undefined, '3')).toEqual(wallet(current));
  });

  it('names the value of a key that its rows are of, and the one that was current at its end', async () => {
    const at = await ports();
    const [old, next] = ['aa'.repeat(32), 'bb'.repeat(32)];
    const putCurrent = (fingerprint: string, run: string) =>
      at.vault.putOnce(escrowFactKey('sys', 'wallet', fingerprint, 'current', run), '{}');
    await putCurrent(old, '20260101T000000Z-aaaaaa');
    const rotating = {
      ...at.vault,
      upload: async (...args: Parameters<typeof at.vault.upload>) => {
        await putCurrent(next, '20260201T000000Z-aaaaaa').catch(() => undefined);
        return at.vault.upload(...args);
      },
    };
    const { manifest } = await dumpPoint({ ...dumpRequest(), asset: assetPlan({}, { needsKeys: ['wallet'] }) }, { ...at, vault: rotating });
    expect(manifest.keys.map(({ fingerprint }) => fingerprint)).toEqual([next, old]);
  });
});
