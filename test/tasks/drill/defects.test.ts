/** Defects seeded into a restored database: each must be found by the checks of a drill, and nothing else must be. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyCanary } from '../../../core/plan/schema-canary.ts';
import { connectToThrowaway, startThrowaway, type ThrowawayConnection } from '../../../adapters/postgres/throwaway.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import { KeyNotRecoverable } from '../../../core/escrow/errors.ts';
import { readPoint } from '../../../core/vault/read-point.ts';
import type { VerifiedFact } from '../../../core/vault/facts.ts';
import { checkKeys, type OpenKey } from '../../../tasks/drill/check-keys.ts';
import { restorePoint, RESTORED_DATABASE } from '../../../tasks/drill/restore-point.ts';
import { runDatabaseChecks } from '../../../tasks/drill/run-checks.ts';
import { readRoles, removeFetched, retrieve } from '../../../tasks/restore/load-archive.ts';
import { freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { makePoint, searchPath, startContainer, SYSTEM, type Container, type MadePoint } from './fixture.ts';

const key = randomBytes(32);
const seal = (text: string, under: Buffer) => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', under, iv);
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('hex');
};
const FINGERPRINT = 'f'.repeat(64);
const openKey: OpenKey = () => Promise.resolve(Buffer.from(key.toString('hex')));

let source: FreshDatabase;
let made: MadePoint;
let container: Container;
let server: ThrowawayConnection;
let verified: VerifiedFact;
const { signal } = new AbortController();

beforeAll(async () => {
  source = await freshDatabase('defects');
  const client = await source.connect();
  await client.query(`
    CREATE SCHEMA app;
    ALTER DATABASE ${source.database} SET search_path = app, public;
    CREATE TABLE app.wallets (id serial PRIMARY KEY, owner text NOT NULL, share bytea NOT NULL);
    INSERT INTO app.wallets (owner, share) SELECT md5(i::text), '\\x${seal('share', key)}' FROM generate_series(1, 500) i;
    CREATE TABLE app.credentials (id int PRIMARY KEY, wallet int REFERENCES app.wallets, claims jsonb);
    INSERT INTO app.credentials SELECT i, i % 500 + 1, '{"a": 1}' FROM generate_series(1, 2000) i;
    CREATE TABLE app.log (at date NOT NULL, what text) PARTITION BY RANGE (at);
    CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE app.log_2 PARTITION OF app.log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    INSERT INTO app.log SELECT '2026-01-15'::date + i % 30, 'x' FROM generate_series(1, 300) i;
    CREATE TABLE "Odd table" (id int); INSERT INTO "Odd table" VALUES (1);
    CREATE TABLE app.parent (id int); CREATE TABLE app.child () INHERITS (app.parent);
    INSERT INTO app.parent VALUES (1); INSERT INTO app.child VALUES (2), (3);
    CREATE TABLE app.empty_log (at date) PARTITION BY RANGE (at);
    CREATE MATERIALIZED VIEW app.summary AS SELECT count(*) AS wallets FROM app.wallets;
    SELECT lo_from_bytea(0, '\\x0102'), lo_from_bytea(0, '\\x0304');
  `);
  const canary = KeyCanary.parse({ key: 'wallet-key', sql: 'SELECT share FROM wallets ORDER BY id LIMIT 1' });
  made = await makePoint(source, {
    over: { needsKeys: ['wallet-key'] },
    drill: {
      canaries: [canary],
      rowCounts: [
        { table: 'app.wallets', against: 'verified', tolerancePercent: 0 },
        { table: 'app.log', against: 'verified', tolerancePercent: 10 },
        { table: 'app.empty_log', against: 'verified', tolerancePercent: 0 },
      ],
      checks: [
        { name: 'credentials', sql: 'SELECT count(*) FROM credentials', compare: '=', expect: 2000 },
        {
          name: 'every credential has claims',
          sql: "SELECT count(*) FROM credentials WHERE claims = '{}' OR claims IS NULL",
          compare: '=',
          expect: 0,
        },
        { name: 'the summary is filled', sql: 'SELECT wallets FROM summary', compare: '>=', expect: 500 },
        {
          name: 'the next wallet gets a new id',
          sql: 'SELECT (SELECT last_value FROM wallets_id_seq) - max(id) FROM wallets',
          compare: '>=',
          expect: 0,
        },
        {
          name: 'references are enforced',
          sql: "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated",
          compare: '=',
          expect: 1,
        },
      ],
    },
  });
  verified = (await readPoint(made.reader, SYSTEM, made.asset.id, made.point))?.facts.find(
    (fact) => fact.kind === 'verified',
  ) as VerifiedFact;
  container = startContainer();
  const { sharedDir, scratchDir } = container;
  const point = { reader: made.reader, manifest: made.manifest };
  await retrieve(point, scratchDir, signal, () => undefined);
  const ready = await startThrowaway(sharedDir, { memoryMiB: 256, jobs: 2 }, { timeoutSeconds: 60, signal });
  await restorePoint({
    point,
    roles: await readRoles(point),
    drill: made.asset.drill,
    sharedDir,
    scratchDir,
    path: searchPath(),
    serverVersion: ready.serverVersion,
    signal,
    moved: () => undefined,
  });
  await removeFetched(scratchDir);
  server = await connectToThrowaway(sharedDir, 'postgres');
}, 60_000);
afterAll(async () => {
  await server.end();
  await container.remove();
  await source.drop();
});

/** The checks of a drill, on a copy of the restored database in which something was done. */
async function checksAfter(
  defect: string[],
  over: { openKey?: OpenKey; keys?: { key: string; fingerprint: string }[] } = {},
): Promise<CheckResult[]> {
  const copy = `copy_${uniqueSuffix()}`;
  await server.query(`CREATE DATABASE ${copy} TEMPLATE ${RESTORED_DATABASE}`);
  await server.query(`ALTER DATABASE ${copy} SET search_path = app, public`);
  const database = await connectToThrowaway(container.sharedDir, copy);
  try {
    for (const statement of defect) await database.query(statement);
    return [
      ...(await runDatabaseChecks(database, made.asset.drill, verified, signal)),
      ...(await checkKeys(database, made.asset, over.keys ?? [{ key: 'wallet-key', fingerprint: FINGERPRINT }], over.openKey ?? openKey, {
        signal,
        now: () => new Date(),
      })),
    ];
  } finally {
    await database.end();
  }
}
const failed = (results: CheckResult[]) =>
  results.filter((result) => result.outcome === 'failed').map((result) => `${result.name}: ${result.measured}`);

describe('the checks of a drill', () => {
  it('find nothing in a database that is whole', async () => {
    const results = await checksAfter([]);
    expect(failed(results)).toEqual([]);
    expect(results).toHaveLength(3 + 1 + 1 + 5 + 1 + 1);
  });

  it('restored the settings of the database, so that unqualified names mean what they meant', async () => {
    const database = await connectToThrowaway(container.sharedDir, RESTORED_DATABASE);
    expect(await database.query('SHOW search_path')).toEqual([['app, public']]);
    await database.end();
  });

  it.each<[string, string[], string[]]>([
    [
      'a row is missing',
      ['DELETE FROM credentials WHERE id = 77'],
      ['rows of every other table: app.credentials: 1999 instead of 2000', 'credentials: 1999'],
    ],
    [
      'a row is there twice',
      ['INSERT INTO "Odd table" SELECT * FROM "Odd table"'],
      ['rows of every other table: public."Odd table": 2 instead of 1'],
    ],
    [
      'a table that the plan counts is gone',
      ['DROP TABLE wallets CASCADE'],
      [
        'rows of app.wallets: no such table',
        'the summary is filled: SQLSTATE 42P01',
        'the next wallet gets a new id: SQLSTATE 42P01',
        'references are enforced: 0',
        'a value opens with wallet-key: SQLSTATE 42P01',
      ],
    ],
    [
      'a table that the plan does not count is gone',
      ['DROP TABLE "Odd table"'],
      ['rows of every other table: public."Odd table": no such table instead of 1'],
    ],
    [
      'more rows of a partitioned table are gone than is tolerated',
      ["DELETE FROM log WHERE at < '2026-01-20'"],
      [expect.stringMatching(/^rows of app.log: 2\d\d$/)],
    ],
    ['a partition is gone', ['DROP TABLE log_2'], ['rows of every other table: app.log_2: no such table instead of 130']],
    ['a materialized view is empty', ['REFRESH MATERIALIZED VIEW summary WITH NO DATA'], ['the summary is filled: SQLSTATE 55000']],
    ['a sequence is behind its table', ["SELECT setval('wallets_id_seq', 10)"], ['the next wallet gets a new id: -490']],
    ['a column is empty', ["UPDATE credentials SET claims = '{}' WHERE id < 4"], ['every credential has claims: 3']],
    ['a reference is not enforced', ['ALTER TABLE credentials DROP CONSTRAINT credentials_wallet_fkey'], ['references are enforced: 0']],
    ['a large object is missing', ['SELECT lo_unlink(oid) FROM pg_largeobject_metadata LIMIT 1'], ['large objects: 1']],
    ['a large object is too many', ["SELECT lo_from_bytea(0, '\\x05')"], ['large objects: 3']],
    [
      'a value was encrypted with another key',
      [`UPDATE wallets SET share = '\\x${seal('share', randomBytes(32))}'`],
      ['a value opens with wallet-key: not authenticated'],
    ],
    [
      'an encrypted value is cut',
      ["UPDATE wallets SET share = '\\x0102'"],
      ['a value opens with wallet-key: The encrypted value has 2 bytes, and 12 of IV and 16 of tag need 28'],
    ],
  ])('find that %s', async (_, defect, found) => {
    const failures = failed(await checksAfter(defect));
    expect(failures).toEqual(expect.arrayContaining(found));
    expect(failures.length).toBeGreaterThan(0);
  });

  it('find that a key cannot be got back, and that a point names no version of it', async () => {
    const lost: OpenKey = () => Promise.reject(new KeyNotRecoverable('envelope-missing', 'There is no envelope'));
    expect(failed(await checksAfter([], { openKey: lost }))).toEqual([
      `key wallet-key from escrow: envelope-missing, fingerprint ${'f'.repeat(12)}`,
      'a value opens with wallet-key: the key is not there to try',
    ]);
    expect(failed(await checksAfter([], { keys: [] }))).toHaveLength(2);
    const wrong: OpenKey = () => Promise.resolve(Buffer.from(randomBytes(32).toString('hex')));
    expect(failed(await checksAfter([], { openKey: wrong }))).toEqual(['a value opens with wallet-key: not authenticated']);
    // One value of the key is of another form, and says nothing of the one that the row is of.
    const keys = ['00'.repeat(32), FINGERPRINT].map((fingerprint) => ({ key: 'wallet-key', fingerprint }));
    const first: OpenKey = (key, fingerprint) =>
      fingerprint === FINGERPRINT ? openKey(key, fingerprint) : Promise.resolve(Buffer.from('no key at all'));
    expect(failed(await checksAfter([], { openKey: first, keys }))).toEqual([]);
  });

  it('let a check neither write nor hang nor smuggle a second statement', async () => {
    const plan = (sql: string) => ({ rowCounts: [], checks: [{ name: 'check', sql, compare: '=' as const, expect: 1 }] });
    const database = await connectToThrowaway(container.sharedDir, RESTORED_DATABASE);
    const outcome = async (sql: string) =>
      (await runDatabaseChecks(database, plan(sql), { ...verified, rows: [] }, signal)).at(-1)?.measured;
    expect(await outcome('DELETE FROM app.credentials RETURNING 1')).toBe('SQLSTATE 25006');
    expect(await outcome('SELECT 1; DROP TABLE app.credentials')).toBe('SQLSTATE 42601');
    expect(await outcome('SELECT 1, 2')).toBe('2 columns');
    expect(await outcome('SELECT generate_series(1, 3)')).toBe('3 rows');
    expect(await outcome('SELECT 1 WHERE false')).toBe('0 rows');
    expect(await outcome("SELECT 'planted.person@example.org'")).toBe('not a number');
    expect(await outcome('SELECT NULL::int')).toBe('NULL');
    expect(await outcome('SELECT 1.0')).toBe('1.0');
    await database.end();
  });
});
