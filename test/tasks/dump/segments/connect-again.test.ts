/** Sessions that are made again in the middle of a dump: with a login of that moment, and past a moment in which that fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { SecretUnavailable, SecretUnusable } from '../../../../adapters/postgres/errors.ts';
import type { SourceLogin } from '../../../../adapters/postgres/source.ts';
import { dumpPoint } from '../../../../tasks/dump/dump-point.ts';
import type { FreshDatabase } from '../../../helpers/servers.ts';
import { freshDatabase, uniqueSuffix } from '../../../helpers/servers.ts';
import type { TestPorts } from '../ports.ts';
import { dumpRequest, failureOf, leftovers, loginTo, NOTHING, testPorts } from '../ports.ts';

const MIB = 1024 ** 2;
const LIMITS = { tables: { tableBytes: MIB, leastTableBytes: MIB }, segments: { leastBytes: 8 * MIB, mostBytes: 8 * MIB } };
const ROWS = 36_000;
const role = `renewed_${uniqueSuffix()}`;

let source: FreshDatabase;
let admin: Client;
let ports: TestPorts;
beforeAll(async () => {
  source = await freshDatabase('connect_again');
  admin = await source.connect();
  // A quarter of it, four times: too far apart to be compressed away.
  await admin.query(`CREATE TABLE big AS WITH pattern AS MATERIALIZED (
      SELECT i, (SELECT string_agg(md5((i * 40 + j)::text), '') FROM generate_series(1, 40) j) AS text FROM generate_series(1, ${ROWS / 4}) i)
    SELECT n * ${ROWS / 4} + i AS id, text FROM generate_series(0, 3) n, pattern ORDER BY id; CREATE ROLE ${role} LOGIN PASSWORD 'right'; GRANT SELECT ON big TO ${role}`);
});
afterAll(async () => {
  await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await source.drop();
});
beforeEach(async () => {
  await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
  ports = await testPorts(loginTo(source), inject('postgres').binDir, { limits: LIMITS });
});
afterEach(() => ports.cleanUp());

const loginWith = (password: string) => loginTo(source, { user: role, password });

/** Ends one session in the middle of a segment. Only sessions that are made again log in as the role. */
async function dumpWithSessionEnded(renewLogin: () => Promise<SourceLogin>, workers = 2) {
  const notes: string[] = [];
  const dump = dumpPoint(dumpRequest({ format: 'segmented', workers }), { ...ports, renewLogin, note: (text) => notes.push(text) });
  const over = new AbortController();
  void dump.catch(() => undefined).finally(() => over.abort());
  let ended = 0;
  while (ended === 0 && !over.signal.aborted) {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY (SELECT%' LIMIT 1`,
    );
    ended = rowCount ?? 0;
    await sleep(2);
  }
  if (ended === 0) throw new Error(`no session was ended: ${String(await dump.catch((error: unknown) => error))}`);
  return { dump, notes };
}
const rowsIn = ({ manifest }: Awaited<ReturnType<typeof dumpPoint>>) =>
  manifest.objects.reduce((sum, { segment }) => sum + (segment?.rows ?? 0), 0);

describe('a session that ended in the middle of a segment', () => {
  it('is made again with the login of that moment', async () => {
    let renewed = 0;
    const { dump, notes } = await dumpWithSessionEnded(async () => {
      renewed += 1;
      return loginWith('right');
    }, 1);
    expect(rowsIn(await dump)).toBe(ROWS);
    expect([renewed, notes]).toEqual([1, []]);
  });
  it('is made again past a secret that cannot be had and a server that has no room, for a moment', async () => {
    let renewed = 0;
    await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
    // One alone: there is nobody to leave its work to.
    const { dump, notes } = await dumpWithSessionEnded(async () => {
      renewed += 1;
      if (renewed === 1) throw new SecretUnavailable('test/db', 'ThrottlingException');
      if (renewed === 3) await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
      return loginWith('right');
    }, 1);
    expect(rowsIn(await dump)).toBe(ROWS);
    expect([renewed, notes]).toEqual([3, []]);
  });
  it('and cannot be made again is left to the others, and it is said why', async () => {
    const { dump, notes } = await dumpWithSessionEnded(async () => loginWith('wrong'));
    expect(rowsIn(await dump)).toBe(ROWS);
    expect(notes).toEqual([
      expect.stringMatching(/segment \d+ of public\.big and could not be made again; sessions that go on: 1\. .*28P01/),
    ]);
  });
  it('and was the only one makes a failure that says why', async () => {
    const { dump } = await dumpWithSessionEnded(async () => {
      throw new SecretUnusable('test/db', 'the field `password` is missing');
    }, 1);
    expect((await failureOf(dump)).message).toContain("The secret 'test/db' cannot be used");
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });
});
