import { describe, expect, it } from 'vitest';
import { grantStatements } from '../../../core/doctor/grants.ts';
import { factsWith } from './facts-fixture.ts';

describe('grants', () => {
  it('are none for a role that may read everything, or is a superuser', () => {
    expect(grantStatements(factsWith())).toEqual([]);
    expect(grantStatements(factsWith((f) => void Object.assign(f.reader, { isSuperuser: true, readsAllData: false })))).toEqual([]);
  });

  it('make the role that is missing, with no more than it needs', () => {
    const facts = factsWith(
      (f) => void Object.assign(f.reader, { exists: false, canLogin: false, canConnect: false, readsAllData: false, name: 'odd "name' }),
    );
    expect(grantStatements(facts)).toEqual([
      'CREATE ROLE "odd ""name" LOGIN;',
      'GRANT CONNECT ON DATABASE "shop" TO "odd ""name";',
      'GRANT pg_read_all_data TO "odd ""name";',
    ]);
  });

  it('are schema by schema before PostgreSQL 14, or when that is asked for', () => {
    const facts = (versionNum: number) =>
      factsWith((f) => {
        f.server.versionNum = versionNum;
        f.reader.readsAllData = false;
        f.schemas = [{ name: 'App', owner: 'app', creators: ['app'], creatorsWithoutDefaults: ['app'], isUsable: false }];
        f.unreadable = [{ schema: 'App', name: 't', kind: 'table', owner: 'app' }];
      });
    const explicit = [
      'GRANT USAGE ON SCHEMA "App" TO "dumper";',
      'GRANT SELECT ON ALL TABLES IN SCHEMA "App" TO "dumper";',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "app" IN SCHEMA "App" GRANT SELECT ON TABLES TO "dumper";',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "app" IN SCHEMA "App" GRANT SELECT ON SEQUENCES TO "dumper";',
    ];
    expect(grantStatements(facts(130_022))).toEqual(explicit);
    expect(grantStatements(facts(170_006), { explicit: true })).toEqual(explicit);
    expect(grantStatements(facts(170_006))).toEqual(['GRANT pg_read_all_data TO "dumper";']);
  });

  it('reach large objects in statements of bounded length, and later ones where PostgreSQL can', () => {
    const facts = (versionNum: number) =>
      factsWith((f) => {
        f.server.versionNum = versionNum;
        f.largeObjects = {
          total: 1200,
          owners: [{ owner: 'app', objects: 1200, unreadable: 1200 }],
          unreadable: Array.from({ length: 1200 }, (_, i) => String(i + 1)),
          ownersWithDefaults: [],
        };
      });
    const statements = grantStatements(facts(170_006));
    expect(statements).toHaveLength(3);
    expect(statements[2]).toMatch(/^GRANT SELECT ON LARGE OBJECT 1001, .*, 1200 TO "dumper";$/);
    expect(grantStatements(facts(180_000)).at(-1)).toBe(
      'ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON LARGE OBJECTS TO "dumper";',
    );
  });

  it('ask for BYPASSRLS only where a table has row-level security', () => {
    expect(grantStatements(factsWith((f) => void f.rowSecurity.push({ schema: 'a', name: 'b', kind: 'table', owner: 'c' })))).toEqual([
      'ALTER ROLE "dumper" BYPASSRLS;',
    ]);
  });

  it('can be run where sessions are read-only by default', () => {
    expect(grantStatements(factsWith((f) => void Object.assign(f.server, { defaultReadOnly: true })))).toEqual([]);
    expect(
      grantStatements(factsWith((f) => (Object.assign(f.server, { defaultReadOnly: true }), void (f.reader.canLogin = false))))[0],
    ).toBe('SET default_transaction_read_only = off;');
  });
});
