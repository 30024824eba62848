import { describe, expect, it } from 'vitest';
import { checkNeededKeys, checkSecrets } from '../../../../core/plan/checks/keys.ts';
import { checkEnvironmentSizes, checkStackSize } from '../../../../core/plan/checks/sizes.ts';
import { checkDumpOptions, checkRdsLogin, checkRestoreLogin, checkTls } from '../../../../core/plan/checks/source.ts';
import { checkDrillMemory, checkTaskSize, checkWorkers } from '../../../../core/plan/checks/task.ts';
import { PostgresAsset } from '../../../../core/plan/schema-assets.ts';
import type { KeyAsset } from '../../../../core/plan/schema.ts';
import { judged } from '../plan-fixture.ts';

const paths = (found: string[]) => found.map((text) => text.split(' = ')[0]);

describe('keys', () => {
  it('are in escrow and tried', () => expect([...judged(checkNeededKeys), ...judged(checkSecrets)]).toEqual([]));

  it('are named by points whose earlier values stay in use, each once', () => {
    const found = (...keys: string[]) =>
      judged(checkNeededKeys, (_, database) => void (database.earlierValues = keys.map((key) => ({ key, inUse: 'P90D' }))));
    expect(found('card-key')).toEqual([]);
    expect(found('other')).toEqual([expect.stringMatching(/earlierValues\[0\].key .*Points do not name this key at all/)]);
    expect(found('card-key', 'card-key')).toEqual([expect.stringMatching(/earlierValues\[1\].key .*said twice/)]);
  });

  it.each([
    ['all', true],
    ['P90D', true],
    ['P0D', false],
    ['P1M2D', false],
    ['ever', false],
  ])('%s is how long values stay in use: %s', (inUse, isTaken) => {
    expect(PostgresAsset.shape.earlierValues.safeParse([{ key: 'card-key', inUse }]).success).toBe(isTaken);
  });

  it('that are no asset are errors, with those that are', () => {
    const found = judged(checkNeededKeys, (_, database) => {
      database.needsKeys = ['card-key', 'lost-key'];
      for (const canary of database.drill.canaries) canary.key = 'lost-key';
    });
    expect(paths(found)).toEqual([
      'warning assets[orders].needsKeys[0]',
      'error assets[orders].needsKeys[1]',
      'error assets[orders].drill.canaries[0].key',
    ]);
    expect(found[1]).toContain('Add a key asset `lost-key` with its escrow, or name one of card-key');
  });

  it('that a canary opens belong to the point', () => {
    expect(paths(judged(checkNeededKeys, (_, database) => void (database.needsKeys = [])))).toEqual([
      'error assets[orders].drill.canaries[0].key',
    ]);
  });

  it('have a secret of their own, by a name that policies can tell', () => {
    expect(paths(judged(checkSecrets, (plan, _, key) => void plan.assets.push({ ...structuredClone(key), id: 'second' })))).toEqual([
      'error assets[second].source.secret',
    ]);
    expect(
      paths(
        judged(
          checkSecrets,
          (plan, _, key) =>
            void plan.assets.push({ ...structuredClone(key), id: 'second', source: { secret: 'shop/card', field: 'other' } }),
        ),
      ),
    ).toEqual([]);
    expect(paths(judged(checkSecrets, (_, database) => void (database.source.secret = 'shop-orders')))).toEqual([
      'warning assets[orders].source.secret',
    ]);
    expect(paths(judged(checkSecrets, (_, database) => void (database.restore!.secret = 'shop-orders')))).toEqual([
      'warning assets[orders].restore.secret',
    ]);
  });
});

describe('restores', () => {
  it('have a login of their own', () => {
    expect(judged(checkRestoreLogin)).toEqual([]);
    const absent = judged(checkRestoreLogin, (_, database) => void delete database.restore);
    expect(paths(absent)).toEqual(['warning assets[orders].restore']);
    expect(absent[0]).toContain('leave out owners and privileges');
    expect(paths(judged(checkRestoreLogin, (_, database) => void (database.restore!.secret = database.source.secret)))).toEqual([
      'warning assets[orders].restore.secret',
    ]);
  });
});

describe('TLS', () => {
  it.each([
    ['verify-full', 'password', []],
    ['verify-ca', 'password', ['warning assets[orders].source.tls']],
    ['require', 'rds-iam', ['warning assets[orders].source.tls']],
    ['disable', 'password', ['warning assets[orders].source.tls']],
    ['disable', 'rds-iam', ['error assets[orders].source.tls']],
  ] as const)('%s with %s', (tls, authentication, expected) => {
    expect(paths(judged(checkTls, (_, database) => void Object.assign(database.source, { tls, authentication })))).toEqual(expected);
  });
});

describe('a login by IAM', () => {
  it('is granted to the users and for the databases that the plan names, and to no other', () => {
    expect(judged(checkRdsLogin)).toEqual([]);
    const withIam = (more: object) => (_: unknown, database: { source: object }) =>
      void Object.assign(database.source, { authentication: 'rds-iam', ...more });
    expect(paths(judged(checkRdsLogin, withIam({})))).toEqual(['error assets[orders].source.rds', 'error assets[orders].restore.rdsUser']);
    const named = { rds: { resourceIds: ['db-ABC'], user: 'reader' } };
    expect(paths(judged(checkRdsLogin, withIam(named)))).toEqual(['error assets[orders].restore.rdsUser']);
    const complete = judged(checkRdsLogin, (plan, database) => {
      withIam(named)(plan, database);
      database.restore!.rdsUser = 'restorer';
    });
    expect(complete).toEqual([]);
  });
});

describe('dump options', () => {
  it('do something', () => expect(judged(checkDumpOptions)).toEqual([]));

  it('of SQL text do nothing to an archive', () => {
    const options = { cleanIfExists: true, noOwner: true, noPrivileges: true, noTablespaces: true };
    expect(paths(judged(checkDumpOptions, (_, { dump }) => void Object.assign(dump, options)))).toEqual([
      'warning assets[orders].dump.cleanIfExists',
      'warning assets[orders].dump.noOwner',
      'warning assets[orders].dump.noTablespaces',
    ]);
    expect(judged(checkDumpOptions, (_, { dump }) => void Object.assign(dump, options, { format: 'plain' }))).toEqual([]);
  });

  it.each([
    ['gzip', 9, 17, []],
    ['gzip', 10, 17, ['error assets[orders].dump.compression.level']],
    ['auto', 12, 17, ['error assets[orders].dump.compression.level']],
    ['zstd', 19, 17, []],
    ['zstd', 3, 15, []],
    ['zstd', 3, 15, ['error assets[orders].dump.compression.method'], 'custom'],
  ] as const)('compresses with %s -%d from PostgreSQL %d', (method, level, postgresMajor, expected, format: string = 'auto') => {
    const found = judged(checkDumpOptions, (_, database) => {
      Object.assign(database.dump, { compression: { method, level }, format });
      database.source.postgresMajor = postgresMajor;
    });
    expect(paths(found)).toEqual(expected);
  });
});

describe('sizes', () => {
  it.each([
    [256, 512, true],
    [256, 1024, true],
    [256, 3072, false],
    [512, 512, false],
    [512, 4096, true],
    [1024, 2048, true],
    [1024, 2500, false],
    [1024, 9216, false],
    [2048, 16_384, true],
    [4096, 8192, true],
    [4096, 30_720, true],
    [4096, 4096, false],
  ] as const)('%d CPU units with %d MiB: %s', (cpu, memoryMiB, isOffered) => {
    expect(judged(checkTaskSize, (_, database) => void (database.task = { cpu, memoryMiB }))).toHaveLength(isOffered ? 0 : 1);
  });

  it('hold a drill’s runner and its ephemeral database', () => {
    expect(judged(checkDrillMemory)).toEqual([]);
    const found = judged(checkDrillMemory, (_, database) => {
      database.task = { cpu: 4096, memoryMiB: 16_384 };
      database.drill.throwawayMemoryMiB = 16_384;
    });
    expect(found[0]).toContain('error assets[orders].drill.throwawayMemoryMiB = 16384');
    expect(found[0]).toContain('Write 14336 or less');
  });

  it('carry the workers of a dump', () => {
    expect(judged(checkWorkers)).toEqual([]);
    const withWorkers = (workers: number) =>
      judged(checkWorkers, (_, database) => {
        database.task = { cpu: 1024, memoryMiB: 2048 };
        database.dump = { ...database.dump, workers };
      });
    expect(withWorkers(28)).toEqual([]);
    expect(withWorkers(29)[0]).toContain('error assets[orders].dump.workers = 29');
    expect(withWorkers(29)[0]).toContain('Write 28 or less');
  });

  it('proposes the nearest memory', () => {
    expect(judged(checkTaskSize, (_, database) => void (database.task = { cpu: 1024, memoryMiB: 2500 }))[0]).toContain('Write 3072');
  });

  const manyDatabases = (count: number) => (plan: Parameters<typeof checkStackSize>[0], database: object) => {
    plan.assets = Array.from({ length: count }, (_, i) => ({ ...structuredClone(database), id: `database-${i}` })) as typeof plan.assets;
  };

  it('count for whom keys are kept offline', () => {
    const recipient = (i: number) => `age1${String(i).padStart(58, 'q')}`;
    const withKeys = (recipientsEach: number) =>
      judged(checkEnvironmentSizes, (plan) => {
        const key = plan.assets.find(({ kind }) => kind === 'key');
        plan.assets = Array.from({ length: 8 }, (_, k) => ({
          ...structuredClone(key),
          id: `card-key-${k}`,
          escrow: {
            ...structuredClone((key as KeyAsset).escrow),
            offline: { recipients: Array.from({ length: recipientsEach }, (_, r) => recipient(10 * k + r)), proofValid: 'P12M' },
          },
        })) as typeof plan.assets;
      });
    expect(withKeys(1)).toEqual([]);
    expect(withKeys(8)).toEqual([expect.stringContaining('Lambda allows 4096')]);
  });

  it('of a plan with up to 200 assets are no matter', () => {
    for (const count of [10, 200])
      expect([checkStackSize, checkEnvironmentSizes].flatMap((rule) => judged(rule, manyDatabases(count)))).toEqual([]);
  });

  it('of a plan with too many are', () => {
    expect(new Set(paths(judged(checkStackSize, manyDatabases(600))))).toEqual(new Set(['error assets']));
    expect(paths(judged(checkEnvironmentSizes, manyDatabases(500)))).toEqual(['error assets']);
  });

  it('of one asset with very many checks too', () => {
    const found = judged(checkEnvironmentSizes, (_, { drill }) => {
      drill.checks = Array.from({ length: 600 }, (_unused, i) => ({
        name: `check ${i}`,
        sql: `SELECT count(*) FROM some_schema.some_table_${i}`,
        compare: '>=',
        expect: 1,
      }));
    });
    expect(paths(found)).toEqual(['error assets[orders]']);
  });
});
