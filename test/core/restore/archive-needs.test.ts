import { describe, expect, it } from 'vitest';
import { findObstacles, type TargetServer } from '../../../core/restore/find-obstacles.ts';
import { ownerGrantStatements } from '../../../core/restore/owner-grants.ts';
import { PlainScript } from '../../../core/restore/plain-script.ts';
import { readStatement } from '../../../core/restore/script-statement.ts';

describe('readStatement', () => {
  it.each([
    ['TABLE', 'ALTER TABLE public.t OWNER TO app;', { kind: 'owner', role: 'app' }],
    ['TABLE', 'ALTER TABLE public."T ""x""" OWNER TO "The ""App""";', { kind: 'owner', role: 'The "App"' }],
    ['BLOB', 'ALTER LARGE OBJECT 16412 OWNER TO app;', { kind: 'owner', role: 'app' }],
    ['FUNCTION', 'ALTER FUNCTION public.f(which bigint) OWNER TO app;', { kind: 'owner', role: 'app' }],
    ['FUNCTION', 'ALTER TABLE public.t OWNER TO app;', undefined],
    ['COMMENT', 'ALTER TABLE public.t OWNER TO app;', undefined],
    ['TABLE', "ALTER TABLE public.t ALTER COLUMN a SET DEFAULT 'OWNER TO app';", undefined],
    ['ACL', 'GRANT SELECT,UPDATE ON TABLE public.t TO tenant;', { kind: 'privilege', to: 'tenant' }],
    ['ACL', 'GRANT SELECT(a) ON TABLE public.t TO "My Tenant" WITH GRANT OPTION;', { kind: 'privilege', to: 'My Tenant' }],
    ['ACL', 'REVOKE USAGE ON SCHEMA public FROM PUBLIC;', { kind: 'privilege' }],
    ['ACL', 'GRANT ALL ON SCHEMA public TO app;', { kind: 'privilege', to: 'app', isCreateOnPublic: true }],
    ['ACL', 'GRANT USAGE ON SCHEMA public TO app;', { kind: 'privilege', to: 'app' }],
    ['ACL', "SET SESSION AUTHORIZATION 'app';", { kind: 'privilege', as: 'app' }],
    ['ACL', 'RESET SESSION AUTHORIZATION;', { kind: 'privilege' }],
    [
      'DEFAULT ACL',
      'ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO tenant;',
      { kind: 'privilege', to: 'tenant', as: 'app' },
    ],
    ['TABLE', 'GRANT SELECT ON TABLE public.t TO tenant;', undefined],
    ['POLICY', 'CREATE POLICY own ON public.t TO tenant, "B c" USING ((a = 1));', { kind: 'policy', roles: ['tenant', 'B c'] }],
    [
      'POLICY',
      'CREATE POLICY own ON public.t AS RESTRICTIVE FOR SELECT TO tenant WITH CHECK (true);',
      { kind: 'policy', roles: ['tenant'] },
    ],
    ['POLICY', 'CREATE POLICY own ON public.t USING ((a = 1));', undefined],
    ['EXTENSION', 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;', { kind: 'extension', name: 'uuid-ossp' }],
  ])('of an entry %s reads %s', (entry, line, expected) => expect(readStatement(line, entry)).toEqual(expected));
});

const DUMP = `--
-- Name: t; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.t (a text);


ALTER TABLE public.t OWNER TO app;

--
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.t (a) FROM stdin;
ALTER TABLE public.t OWNER TO app;
\\.

--
-- Name: TABLE t; Type: ACL; Schema: public; Owner: app
--

GRANT SELECT ON TABLE public.t TO tenant;
`;

describe('PlainScript', () => {
  const run = (options: Partial<ConstructorParameters<typeof PlainScript>[0]>) => {
    const script = new PlainScript({ skipExtensions: [], ...options });
    return { text: `${script.take(Buffer.from(DUMP)).toString()}${script.end().toString()}`, needs: script.needs };
  };
  it('passes owners and grants on, and says what they need', () => {
    const { text, needs } = run({});
    expect(text).toBe(DUMP);
    expect([[...needs.owners], [...needs.grantees]]).toEqual([['app'], ['tenant']]);
  });
  it('leaves out what it is told to, never a row, and keeps every line in its place', () => {
    const { text } = run({ noOwner: true, noPrivileges: true });
    expect(text.split('\n')).toHaveLength(DUMP.split('\n').length);
    expect(text.match(/OWNER TO/g)).toHaveLength(1);
    expect(text).toContain('stdin;\nALTER TABLE public.t OWNER TO app;\n');
    expect(text).not.toContain('GRANT');
    expect(run({ noOwner: true }).text).toContain('GRANT');
  });
});

const server = (over: Partial<TargetServer> = {}): TargetServer => ({
  login: 'restorer',
  isSuperuser: false,
  mayCreateDatabase: true,
  mayCreateRoles: false,
  roles: [{ name: 'app', mayBecome: true }],
  extensions: ['citext'],
  ...over,
});
const needs = {
  owners: new Set(['app', 'pg_database_owner']),
  grantees: new Set<string>(),
  grantors: new Set<string>(),
  policyRoles: new Set<string>(),
  publicCreators: new Set<string>(),
  optionalOwners: new Set<string>(),
  extensions: new Set(['citext']),
  schemas: new Set<string>(),
};
const all = { noOwner: false, noPrivileges: false, isOwn: true };
const none = { noOwner: true, noPrivileges: true, isOwn: true };
const whats = (...args: Parameters<typeof findObstacles>) => findObstacles(...args).obstacles.map(({ what }) => what);

describe('findObstacles', () => {
  it('finds none where there is none', () => {
    expect(findObstacles(server(), needs, all)).toEqual({ obstacles: [], missingRoles: [], owners: ['app'] });
  });
  it('names all at once, each with what to do', () => {
    const found = findObstacles(
      server({ mayCreateDatabase: false, roles: [{ name: 'app', mayBecome: false }], extensions: [] }),
      { ...needs, grantees: new Set(['tenant']), policyRoles: new Set(['tenant']) },
      all,
    );
    expect(found.obstacles).toEqual([
      { what: 'the role restorer may not create a database', fix: 'ALTER ROLE "restorer" CREATEDB' },
      {
        what: 'the role restorer may not give objects to app',
        fix: 'GRANT "app" TO "restorer", or set `restore.noOwner` and `restore.noPrivileges` in the plan',
      },
      {
        what: 'the server does not have the roles tenant, and restorer may not make them',
        fix: 'CREATE ROLE "tenant", each NOLOGIN, or ALTER ROLE "restorer" CREATEROLE',
      },
      { what: 'the server does not have the extensions citext', fix: 'Install the extensions citext on the server' },
    ]);
  });
  it('needs no owners and grantees that are left out, and the roles of policies all the same', () => {
    const nobody = server({ roles: [] });
    expect(whats(nobody, { ...needs, grantees: new Set(['tenant']) }, none)).toEqual([]);
    expect(whats(nobody, { ...needs, policyRoles: new Set(['tenant']) }, none)).toEqual([
      'the server does not have the roles tenant, and restorer may not make them',
    ]);
  });
  it('lets roles be made by who may', () => {
    for (const rights of [{ mayCreateRoles: true }, { isSuperuser: true }])
      expect(findObstacles(server({ roles: [], ...rights }), needs, all)).toMatchObject({ obstacles: [], missingRoles: ['app'] });
  });
  it('says that the plan names no login, only where that matters', () => {
    expect(whats(server({ mayCreateDatabase: false }), needs, { ...none, isOwn: false })).toContain(
      'the plan names no login for restores, so the one of the dump was used',
    );
    expect(whats(server(), needs, { ...none, isOwn: false })).toEqual([]);
  });
});

describe('ownerGrantStatements', () => {
  it('lets owners create for as long as it takes, and leaves what the archive grants', () => {
    expect(ownerGrantStatements('d"b', ['app', 'b'], new Set(['b']), 16)).toEqual({
      before: ['GRANT CREATE ON DATABASE "d""b" TO "app", "b"', 'GRANT CREATE ON SCHEMA public TO "app", "b"'],
      after: ['REVOKE CREATE ON DATABASE "d""b" FROM "app", "b"', 'REVOKE CREATE ON SCHEMA public FROM "app"'],
    });
    expect(ownerGrantStatements('db', ['app'], new Set(), 14).before).toEqual(['GRANT CREATE ON DATABASE "db" TO "app"']);
    expect(ownerGrantStatements('db', [], new Set(), 16)).toEqual({ before: [], after: [] });
  });
});
