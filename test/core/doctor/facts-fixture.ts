/** A database with nothing to find in it. */
import type { DatabaseFacts } from '../../../core/doctor/facts.ts';
import { ProtectionPlan, type PostgresAsset } from '../../../core/plan/schema.ts';
import { planWith } from '../plan/plan-fixture.ts';

export type FactsChange = (facts: Draft<DatabaseFacts>) => void;
type Draft<T> = T extends Date | string | number | boolean | undefined
  ? T
  : T extends readonly (infer E)[]
    ? Draft<E>[]
    : { -readonly [K in keyof T]: Draft<T[K]> };

export function factsWith(change: FactsChange = () => {}): DatabaseFacts {
  const facts: Draft<DatabaseFacts> = {
    inspectedAt: new Date('2026-11-21T00:00:00Z'),
    server: {
      versionNum: 170006,
      version: '17.6',
      isInRecovery: false,
      maxStandbyStreamingDelayMs: 30_000,
      freeConnections: 90,
      defaultReadOnly: false,
      timeoutsMs: {},
    },
    connection: { user: 'dumper', tls: 'TLSv1.3', isPooled: false, poolers: [] },
    database: { name: 'shop', encoding: 'UTF8', sizeBytes: 50 * 1024 ** 2 },
    reader: {
      name: 'dumper',
      exists: true,
      canLogin: true,
      isSuperuser: false,
      bypassesRls: false,
      readsAllData: true,
      canConnect: true,
      connectionLimit: -1,
      validUntil: undefined,
      excessAttributes: [],
      writableTables: 0,
    },
    schemas: [{ name: 'public', owner: 'pg_database_owner', creators: ['app'], creatorsWithoutDefaults: ['app'], isUsable: true }],
    unreadable: [],
    rowSecurity: [],
    largeObjects: { total: 0, owners: [], unreadable: [], ownersWithDefaults: [] },
    content: {
      extensions: [{ name: 'plpgsql', version: '1.0' }],
      unloggedTables: 0,
      subscriptions: 0,
      userMappings: 0,
      blockingTransactions: 0,
      preparedTransactions: 0,
    },
  };
  change(facts);
  return facts;
}

export const database = (change: (asset: PostgresAsset) => void = () => {}): PostgresAsset => {
  const [asset] = ProtectionPlan.parse(planWith((_, asset) => change(asset))).assets;
  if (asset?.kind !== 'postgres') throw new Error('the first asset of the fixture is the database');
  return asset;
};
