/** The source does not let a dump begin, or not read all: each made to happen on the real server. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../../local/servers/port.ts';
import { createAuthority } from '../../../local/tls/certificates.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase, uniqueSuffix } from '../../helpers/servers.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { tcpProxy } from '../../helpers/tcp-proxy.ts';
import { dumpRequest, failureOf, leftovers, loginTo, NOTHING, testPorts } from './ports.ts';

let source: FreshDatabase;
const role = `reader_${uniqueSuffix()}`;
const reader = { user: role, password: 'a password: with \\ and :' };

beforeAll(async () => {
  source = await freshDatabase('refuses');
  const admin = await source.connect();
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${reader.password}';
    CREATE TABLE t AS SELECT 1 AS id; GRANT SELECT ON t TO ${role}`);
});
afterAll(async () => {
  const admin = await source.connect();
  await admin.query(`DROP OWNED BY ${role}`);
  await source.drop();
  const elsewhere = await freshDatabase('refuses');
  await (await elsewhere.connect()).query(`DROP ROLE ${role}`);
  await elsewhere.drop();
});

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const random = seededRandom('formats of dumps that are refused');
/** However small, a table is read in segments. */
const limits = { tables: { tableBytes: 1, leastTableBytes: 1 } };

async function failingDump(login = loginTo(source), format: 'custom' | 'segmented' = 'segmented') {
  const ports = await testPorts(login, inject('postgres').binDir, { limits });
  const failure = await failureOf(dumpPoint(dumpRequest({ format }), ports));
  expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  expect(failure.advice).not.toBe('');
  return failure;
}

describe('a source that refuses', () => {
  it('the connection', async () => {
    expect((await failingDump(loginTo(source, { port: await freePort() }))).failure).toBe('SourceUnreachable');
  });
  it('a host that is none', async () => {
    expect((await failingDump(loginTo(source, { host: 'no-such-host.invalid' }))).failure).toBe('SourceUnreachable');
  });
  it('the password, without telling it', async () => {
    const failure = await failingDump(loginTo(source, { password: 'not-the-password' }));
    expect(failure).toMatchObject({ failure: 'SourceLoginRefused', sqlstate: '28P01' });
    expect(JSON.stringify(failure)).not.toContain('not-the-password');
  });
  it('the database', async () => {
    expect(await failingDump(loginTo(source, { database: 'nowhere' }))).toMatchObject({ failure: 'SourceLoginRefused', sqlstate: '3D000' });
  });
  it('to show a certificate of the authority that we trust', async () => {
    const ca = createAuthority('Somebody else', new Date()).certificatePem;
    expect((await failingDump(loginTo(source, { tls: { mode: 'verify-full', ca } }))).failure).toBe('SourceTlsFailed');
    expect((await failingDump(loginTo(source, { tls: { mode: 'verify-ca', ca } }))).failure).toBe('SourceTlsFailed');
  });
  it('a name that its certificate does not have', async () => {
    const proxy = await tcpProxy(source, '127.0.0.2');
    const elsewhere = { host: '127.0.0.2', port: proxy.port };
    expect((await failingDump(loginTo(source, elsewhere))).failure).toBe('SourceTlsFailed');
    const ports = await testPorts(loginTo(source, { ...elsewhere, tls: { mode: 'verify-ca', ca: source.ca } }), inject('postgres').binDir);
    expect((await dumpPoint(dumpRequest(), ports)).committed).toBe(true);
    await proxy.close();
  });
  it('a connection without TLS', async () => {
    expect((await failingDump(loginTo(source, { tls: { mode: 'disable', ca: undefined } }))).failure).toBe('SourceLoginRefused');
  });
  it('more connections than it has', async () => {
    const admin = await source.connect();
    await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
    expect(await failingDump(loginTo(source, reader))).toMatchObject({ failure: 'SourceNotReady', sqlstate: '53300' });
    await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
  });
});

describe('a grant that is missing', () => {
  it('is none: the role may read all of this', async () => {
    const ports = await testPorts(loginTo(source, reader), inject('postgres').binDir);
    expect((await dumpPoint(dumpRequest({ schemaOnlyBeside: true }), ports)).committed).toBe(true);
  });
  it.each([
    ['of a table', 'CREATE TABLE secret_table (email text)', 'DROP TABLE secret_table', /secret_table/],
    ['of a sequence', 'CREATE SEQUENCE secret_sequence', 'DROP SEQUENCE secret_sequence', /secret_sequence/],
    ['of a large object', 'SELECT lo_create(424242)', 'SELECT lo_unlink(424242)', /424242/],
    [
      'of rows, by row-level security',
      `CREATE TABLE secret_rows (email text); GRANT SELECT ON secret_rows TO ${role}; ALTER TABLE secret_rows ENABLE ROW LEVEL SECURITY`,
      'DROP TABLE secret_rows',
      /secret_rows/,
    ],
    [
      'of a schema',
      `CREATE SCHEMA secret_schema; CREATE TABLE secret_schema.x (a int)`,
      'DROP SCHEMA secret_schema CASCADE',
      /secret_schema/,
    ],
  ])('%s', async (_, create, drop, object) => {
    const admin = await source.connect();
    await admin.query(create);
    try {
      const formats = (['segmented', 'custom'] as const).slice(isSoak ? 0 : random.below(2)).slice(0, isSoak ? 2 : 1);
      for (const format of formats) {
        const failure = await failingDump(loginTo(source, reader), format);
        expect(failure).toMatchObject({ failure: 'SourceGrantMissing', sqlstate: '42501' });
        expect(failure.object).toMatch(object);
      }
    } finally {
      await admin.query(drop);
    }
  });
  it('and when it is there again the next dump succeeds', async () => {
    const ports = await testPorts(loginTo(source, reader), inject('postgres').binDir);
    expect((await dumpPoint(dumpRequest({}, '0001-2'), ports)).committed).toBe(true);
  });
});
