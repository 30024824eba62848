/** What a restore's login may and may not do, on a real server: obstacles are named before anything is written. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { describeEnd } from '../../../tasks/run-task.ts';
import { runRestore } from '../../../tasks/restore/run-restore.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { loginTo } from '../dump/ports.ts';
import { forgePoint, makePoint, searchPath, SYSTEM, type MadePoint } from '../drill/fixture.ts';

const suffix = uniqueSuffix();
const owner = `owner_${suffix}`;
const tenant = `tenant_${suffix}`;
const FORMATS = ['custom', 'plain'] as const;
const databases: string[] = [];
const roles = [owner, tenant];
let source: FreshDatabase;
let scratchDir: string;
const points = {} as Record<(typeof FORMATS)[number], MadePoint>;

beforeAll(async () => {
  source = await freshDatabase('preflight');
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-preflight-'));
  const client = await source.connect();
  await client.query(`
    CREATE ROLE ${owner} NOLOGIN;
    CREATE ROLE ${tenant} NOLOGIN;
    CREATE SCHEMA ledger;
    CREATE TABLE t (id serial PRIMARY KEY, text text);
    CREATE TABLE ledger.entries (id integer);
    CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '
ALTER TABLE public.t OWNER TO nobody;
GRANT SELECT ON TABLE public.t TO nobody;
' $$;
    ALTER SCHEMA ledger OWNER TO ${owner};
    ALTER TABLE ledger.entries OWNER TO ${owner};
    ALTER TABLE t OWNER TO ${owner};
    ALTER FUNCTION f OWNER TO ${owner};
    INSERT INTO t (text) SELECT 'GRANT SELECT ON TABLE public.t TO nobody;' FROM generate_series(1, 50) i;
    GRANT SELECT ON t TO ${tenant};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ledger GRANT SELECT ON TABLES TO ${tenant};
    ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own_rows ON t TO ${tenant} USING (id = 1);
  `);
  for (const format of FORMATS) points[format] = await makePoint(source, { dump: { format } });
});
afterAll(async () => {
  await source.drop();
  const client = await connectToTestServer('postgres');
  await client.query(`DROP ROLE IF EXISTS ${roles.join(', ')}`);
  await client.end();
  rmSync(scratchDir, { recursive: true, force: true });
});
afterEach(async () => {
  const client = await source.connect();
  for (const name of databases.splice(0)) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  expect(readdirSync(scratchDir)).toEqual([]);
});

async function makeLogin(options: string): Promise<string> {
  const user = `login_${uniqueSuffix()}`;
  await (await source.connect()).query(`CREATE ROLE ${user} LOGIN ${options} PASSWORD 'secret'`);
  roles.push(user);
  return user;
}
async function restore(point: MadePoint, user: string, settings: PostgresAsset['restore']) {
  const database = `preflight_${uniqueSuffix()}`;
  databases.push(database);
  const asset = { ...point.asset, restore: settings };
  const end = await runRestore(
    { system: SYSTEM, asset, point: point.point, run: 'run', database, scratchDir, path: searchPath() },
    {
      reader: point.reader,
      login: loginTo(source, { user, password: 'secret' }),
      now: () => new Date(),
      report: () => undefined,
      moved: () => undefined,
    },
    new AbortController().signal,
  ).then(
    ({ notes }) => ({ failure: 'none', message: '', advice: '', notes }),
    (error: unknown) => ({ ...describeEnd(error), notes: [] }),
  );
  const { rows } = await (await source.connect()).query('SELECT FROM pg_database WHERE datname = $1', [database]);
  return { ...end, database, exists: rows.length === 1 };
}
/** The plain dump as another server would have written it. */
function rewritten(point: string, rewrite: (text: string) => string): Promise<MadePoint> {
  const [pack, unpack] =
    points.plain.manifest.dump.compression === 'zstd' ? [zstdCompressSync, zstdDecompressSync] : [gzipSync, gunzipSync];
  return forgePoint(points.plain, { point, dump: (bytes) => pack(rewrite(unpack(bytes).toString())) });
}
async function ask(database: string, sql: string): Promise<string[]> {
  const client = await connectToTestServer(database);
  const { rows } = await client.query<{ answer: string }>(sql);
  await client.end();
  return rows.map(({ answer }) => answer);
}
const owners = (database: string) =>
  ask(
    database,
    `SELECT DISTINCT pg_get_userbyid(relowner) AS answer FROM pg_class WHERE relname IN ('t', 'entries')
     UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'ledger'
     UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'f'`,
  );
const mayRead = (database: string) => ask(database, `SELECT has_table_privilege('${tenant}', 'public.t', 'SELECT')::text AS answer`);

const ALL = { secret: 'restores', noOwner: false, noPrivileges: false };
const NEITHER = { secret: 'restores', noOwner: true, noPrivileges: true };

describe.each(FORMATS)('a restore of a %s dump', (format) => {
  it('names every obstacle at once, writes nothing, and works once they are gone', async () => {
    const user = await makeLogin('');
    const end = await restore(points[format], user, ALL);
    expect(end).toMatchObject({ failure: 'TargetRefused', exists: false });
    expect(end.message).toContain(`the role ${user} may not create a database; the role ${user} may not give objects to ${owner}`);
    const sql = [`ALTER ROLE "${user}" CREATEDB`, `GRANT "${owner}" TO "${user}"`];
    const client = await source.connect();
    for (const statement of sql) {
      expect(end.advice).toContain(statement);
      await client.query(statement);
    }
    const again = await restore(points[format], user, ALL);
    expect(again).toMatchObject({ failure: 'none', exists: true });
    expect(await owners(again.database)).toEqual([owner]);
    expect(await mayRead(again.database)).toEqual(['true']);
    // What the owner needed while it was restored is not left behind.
    expect(
      await ask(
        again.database,
        `SELECT has_schema_privilege('${owner}', 'public', 'CREATE') || ' ' || has_database_privilege('${owner}', current_database(), 'CREATE') AS answer`,
      ),
    ).toEqual(['false false']);
    expect(again.notes.filter((note) => note.includes('left out'))).toEqual([]);
  });

  it('leaves out owners and privileges where the plan says so, and only those', async () => {
    const user = await makeLogin('CREATEDB');
    const end = await restore(points[format], user, NEITHER);
    expect(end).toMatchObject({ failure: 'none' });
    expect(end.notes).toEqual(
      expect.arrayContaining([
        `Owners are left out, as the plan says: everything belongs to ${user}`,
        'What was granted is left out, as the plan says',
      ]),
    );
    expect(await owners(end.database)).toEqual([user]);
    expect(await mayRead(end.database)).toEqual(['false']);
    expect(await ask(end.database, 'SELECT text AS answer FROM t LIMIT 1')).toEqual(['GRANT SELECT ON TABLE public.t TO nobody;']);
    expect((await ask(end.database, 'SELECT f() AS answer'))[0]).toContain('ALTER TABLE public.t OWNER TO nobody;\nGRANT SELECT');
    expect(await ask(end.database, 'SELECT policyname::text AS answer FROM pg_policies')).toEqual(['own_rows']);
  });

  it('does so too, and says why, where the plan names no login for restores', async () => {
    const user = await makeLogin('CREATEDB');
    const end = await restore(points[format], user, undefined);
    expect(end.notes.join()).toContain('because the plan names no login for restores');
    expect(await owners(end.database)).toEqual([user]);
    const refused = await restore(points[format], await makeLogin(''), undefined);
    expect(refused).toMatchObject({
      failure: 'TargetRefused',
      exists: false,
      advice: expect.stringContaining('`restore.secret`') as string,
    });
  });
});

it('wants the roles that a policy names, and the extensions', async () => {
  const forged = await rewritten('20260609T020000Z', (text) =>
    text
      .replaceAll(tenant, `${tenant}_gone`)
      .replace(
        '--\n-- Name: ledger; Type: SCHEMA',
        '--\n-- Name: nowhere; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE EXTENSION IF NOT EXISTS nowhere WITH SCHEMA public;\n\n\n--\n-- Name: ledger; Type: SCHEMA',
      ),
  );
  const end = await restore(forged, await makeLogin('CREATEDB'), NEITHER);
  expect(end).toMatchObject({ failure: 'TargetRefused', exists: false });
  expect(end.message).toContain(`the server does not have the roles ${tenant}_gone`);
  expect(end.message).toContain('the server does not have the extensions nowhere');
});

it('makes missing roles where the login may, gives them what they own, and says so', async () => {
  const gone = `gone_${suffix}`;
  roles.push(gone);
  const forged = await rewritten('20260610T020000Z', (text) => text.replaceAll(owner, gone));
  const user = await makeLogin('CREATEDB CREATEROLE');
  const end = await restore(forged, user, ALL);
  expect(end).toMatchObject({ failure: 'none' });
  expect(end.notes[0]).toBe(`The roles ${gone} were missing and have been made, unable to log in; ${user} is a member of them`);
  expect(await owners(end.database)).toEqual([gone]);
  expect(await ask('postgres', `SELECT rolcanlogin::text AS answer FROM pg_roles WHERE rolname = '${gone}'`)).toEqual(['false']);
});
