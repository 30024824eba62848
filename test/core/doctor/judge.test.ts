import { describe, expect, it } from 'vitest';
import { judgeDatabase } from '../../../core/doctor/judge.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { database, factsWith, type FactsChange } from './facts-fixture.ts';

const CLIENT = 170_006;
const judged = (change?: FactsChange, asset?: (asset: PostgresAsset) => void, client = CLIENT) =>
  judgeDatabase(factsWith(change), database(asset), client).map(({ severity, path }) => `${severity} ${path}`);
const table = { schema: 'app', name: 'orders', kind: 'table' as const, owner: 'app' };

describe('doctor', () => {
  it('has nothing to say of a good database', () => expect(judged()).toEqual([]));

  const cases: [string, FactsChange, string[]][] = [
    ['a newer server', (f) => void (f.server.versionNum = 180_001), ['error server.version', 'error pg_dump']],
    ['an older server', (f) => void (f.server.versionNum = 160_010), ['warning server.version']],
    ['no TLS', (f) => void (f.connection.tls = undefined), ['error connection.tls']],
    ['a pooler in between', (f) => void (f.connection.isPooled = true), ['error connection']],
    ['poolers beside', (f) => void f.connection.poolers.push('pgbouncer'), ['warning connection']],
    ['timeouts that a dump lifts by itself', (f) => void (f.server.timeoutsMs = { statement_timeout: 1000 }), []],
    ['a full server', (f) => void (f.server.freeConnections = 1), ['warning server.connections']],
    ['a standby', (f) => void (f.server.isInRecovery = true), ['warning server']],
    ['a standby that waits', (f) => void Object.assign(f.server, { isInRecovery: true, maxStandbyStreamingDelayMs: -1 }), []],
    ['unlogged tables', (f) => void (f.content.unloggedTables = 2), []],
    [
      'a standby with unlogged tables',
      (f) => {
        f.server.isInRecovery = true;
        f.content.unloggedTables = 2;
      },
      ['error content.unloggedTables', 'warning server'],
    ],
    ['locks', (f) => void (f.content.blockingTransactions = 1), ['warning content.locks']],
    ['prepared transactions', (f) => void (f.content.preparedTransactions = 1), ['warning content.preparedTransactions']],
    ['a size that does not fit the run', (f) => void (f.database.sizeBytes = 80 * 1024 ** 3), ['warning database.size']],
    [
      'a size that does not fit a drill',
      (f) => void (f.database.sizeBytes = 150 * 1024 ** 3),
      ['warning database.size', 'warning database.size'],
    ],
    ['no role', (f) => void (f.reader.exists = false), ['error reader']],
    ['a superuser', (f) => void Object.assign(f.reader, { isSuperuser: true, writableTables: 3 }), ['warning reader']],
    ['no login', (f) => void (f.reader.canLogin = false), ['error reader']],
    ['no connection', (f) => void (f.reader.canConnect = false), ['error reader']],
    ['few connections', (f) => void (f.reader.connectionLimit = 1), ['warning reader.connectionLimit']],
    ['a password that has ended', (f) => void (f.reader.validUntil = new Date('2026-11-20')), ['error reader.validUntil']],
    ['a password that ends soon', (f) => void (f.reader.validUntil = new Date('2026-12-01')), ['warning reader.validUntil']],
    ['a password that lasts', (f) => void (f.reader.validUntil = new Date('2027-12-01')), []],
    [
      'a closed schema',
      (f) => void f.schemas.push({ name: 'x', owner: 'x', creators: [], creatorsWithoutDefaults: [], isUsable: false }),
      ['error schemas'],
    ],
    [
      'a closed table and sequence',
      (f) => void f.unreadable.push(table, { ...table, kind: 'sequence' }),
      ['error tables', 'error sequences'],
    ],
    ['row-level security', (f) => void f.rowSecurity.push(table), ['error rowSecurity']],
    ['later tables that nobody grants', (f) => void (f.reader.readsAllData = false), ['warning defaultPrivileges']],
    [
      'large objects of others',
      (f) =>
        void (f.largeObjects = {
          total: 1,
          owners: [{ owner: 'app', objects: 1, unreadable: 1 }],
          unreadable: ['1'],
          ownersWithDefaults: [],
        }),
      ['error largeObjects', 'warning largeObjects'],
    ],
    [
      'large objects of its own',
      (f) =>
        void (f.largeObjects = {
          total: 1,
          owners: [{ owner: 'dumper', objects: 1, unreadable: 0 }],
          unreadable: [],
          ownersWithDefaults: [],
        }),
      [],
    ],
    ['a role that writes', (f) => void (f.reader.writableTables = 3), ['warning reader']],
    ['a role that may create roles', (f) => void f.reader.excessAttributes.push('CREATEROLE'), ['warning reader']],
    ['extensions from elsewhere', (f) => void f.content.extensions.push({ name: 'postgis', version: '3' }), ['warning content.extensions']],
    ['extensions that come with PostgreSQL', (f) => void f.content.extensions.push({ name: 'pgcrypto', version: '1' }), []],
    ['subscriptions', (f) => void (f.content.subscriptions = 1), ['warning content.subscriptions']],
    ['user mappings', (f) => void (f.content.userMappings = 1), ['warning content.userMappings']],
    ['text of unknown encoding', (f) => void (f.database.encoding = 'SQL_ASCII'), ['warning database.encoding']],
  ];
  it.each(cases)('finds %s', (_, change, expected) => expect(judged(change)).toEqual(expected));

  it('lets the plan say what is meant', () => {
    expect(
      judged(
        (f) => void f.content.extensions.push({ name: 'postgis', version: '3' }),
        (asset) => void asset.drill.extensions.skip.push('postgis'),
      ),
    ).toEqual([]);
    expect(
      judged(
        (f) => void (f.connection.tls = undefined),
        (asset) => void (asset.source.tls = 'disable'),
      ),
    ).toEqual([]);
    expect(
      judged(
        (f) => void (f.database.sizeBytes = 80 * 1024 ** 3),
        (asset) => void (asset.schedule.longestRun = 'PT4H'),
      ),
    ).toEqual([]);
  });

  it.each([
    [170_005, ['error pg_dump']],
    [170_006, []],
    [160_010, ['error pg_dump']],
    [180_000, []],
  ])('compares pg_dump %d with the server and with its own faults', (client, expected) =>
    expect(judged(undefined, undefined, client)).toEqual(expected),
  );

  it('names a pooler’s limits, since nobody can lift them through it', () => {
    const [found] = judgeDatabase(
      factsWith((f) => {
        f.connection.isPooled = true;
        f.server.timeoutsMs = { statement_timeout: 30_000 };
      }),
      database(),
    );
    expect(found?.problem).toContain('statement_timeout = 30000 ms');
  });

  it('gives every finding a value, a problem and a fix', () => {
    for (const [, change] of cases) {
      for (const { value, problem, fix } of judgeDatabase(factsWith(change), database()))
        expect([value, problem, fix].every((part) => part.length > 0)).toBe(true);
    }
  });
});
