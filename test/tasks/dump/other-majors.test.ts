/** Client and server of different majors, and each major on its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { verifyPoint } from '../../../tasks/verify/verify-point.ts';
import type { OtherPostgres } from '../../helpers/other-postgres.ts';
import { otherPrograms, startOtherPostgres } from '../../helpers/other-postgres.ts';
import { assetPlan, dumpRequest, failureOf, leftovers, NOTHING, POINT, SMALL_SEGMENTS, testPorts } from './ports.ts';

let server: OtherPostgres;
let older: Awaited<ReturnType<typeof otherPrograms>>;
beforeAll(async () => {
  server = await startOtherPostgres(18);
  older = await otherPrograms(16);
  await (await server.connect()).query('CREATE TABLE t AS SELECT generate_series(1, 1000) AS id');
});
afterAll(async () => {
  await server.stop();
});
const loginOf = ({ host, port, database, user, password }: OtherPostgres): SourceLogin => ({
  host,
  port,
  database,
  user,
  password,
  tls: { mode: 'disable', ca: undefined },
});
const login = () => loginOf(server);

describe('pg_dump of PostgreSQL 16', () => {
  it('is refused by us before it meets a server of 18', async () => {
    const ports = await testPorts(login(), older.binDir);
    expect(await failureOf(dumpPoint(dumpRequest(), ports))).toMatchObject({
      failure: 'ClientTooOld',
      message: expect.stringMatching(/16.*18/) as string,
    });
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
});

describe('PostgreSQL 18', () => {
  it.each(['custom', 'plain'] as const)('is dumped and verified (%s)', async (format) => {
    const ports = await testPorts(login(), server.binDir);
    const { manifest } = await dumpPoint({ ...dumpRequest(), asset: assetPlan({ format, cleanIfExists: true, noOwner: true }) }, ports);
    expect(manifest.source.version).toMatch(/^18/);
    expect(manifest.dump.options).toEqual(['--clean', '--if-exists', '--no-owner']);
    const verified = await verifyPoint(
      { system: 'sys', asset: 'db', point: POINT },
      { reader: ports.reader, pgRestore: await findProgram('pg_restore', server.binDir), searchPath: server.binDir, signal: ports.signal },
    );
    expect(verified.content.rows).toEqual([{ table: 'public.t', rows: 1000 }]);
  });
  it('cannot be reached over TLS by a client that knows none, and says what is wrong', async () => {
    const ports = await testPorts({ ...login(), tls: { mode: 'require', ca: undefined } }, server.binDir);
    expect((await failureOf(dumpPoint(dumpRequest(), ports))).failure).toBe('SourceTlsFailed');
  });
  it.each(['custom', 'segmented'] as const)('that is killed in the middle (%s)', async (format) => {
    const doomed = await startOtherPostgres(18);
    const client = await doomed.connect();
    await client.query(`CREATE TABLE big AS SELECT repeat(md5(i::text), 30) AS text FROM generate_series(1, 30000) i`);
    const login = loginOf(doomed);
    const ports = await testPorts(login, doomed.binDir, { limits: SMALL_SEGMENTS });
    let seen = 0;
    const vault = ports.vault;
    const watched: typeof vault = {
      ...vault,
      upload: (key, chunks, options) =>
        vault.upload(
          key,
          (async function* () {
            for await (const chunk of chunks) {
              seen += chunk.length;
              yield chunk;
              if (/dump-0001|\.dat\.zst$/.test(key) && seen > (format === 'custom' ? 100_000 : 10_000))
                await doomed.kill().catch(() => undefined);
            }
          })(),
          options,
        ),
    };
    expect(await failureOf(dumpPoint(dumpRequest({ format }), { ...ports, vault: watched }))).toMatchObject({
      failure: 'DumpInterruptedByServer',
    });
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
    await doomed.stop();
  });
});
