import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withLibpqAccess } from '../../../adapters/postgres/libpq.ts';
import { RestoreStopped } from '../../../tasks/restore/errors.ts';
import { runPsql } from '../../../tasks/restore/run-psql.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { loginTo } from '../dump/ports.ts';

let target: FreshDatabase;
let scratchDir: string;
beforeAll(async () => {
  target = await freshDatabase('psql');
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-psql-'));
});
afterAll(async () => {
  await target.drop();
  rmSync(scratchDir, { recursive: true, force: true });
});

const GOOD = String.raw`--
-- PostgreSQL database dump
--
\restrict dPmEvaRB6mZTTiuwIcO3bRTpaTBUZvcEFlbkwx9Mb5MCkvnvRyDIrSbCKSS0nC6

SET client_encoding = 'UTF8';
CREATE TABLE public.users (id integer, email text);

--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.users (id, email) FROM stdin;
1	\\! a row may say what it likes
2	\\unrestrict x
\.

-- PostgreSQL database dump complete
\unrestrict dPmEvaRB6mZTTiuwIcO3bRTpaTBUZvcEFlbkwx9Mb5MCkvnvRyDIrSbCKSS0nC6
`;

const run = (script: string | Buffer, over: { skipExtensions?: string[]; signal?: AbortSignal; chunkBytes?: number } = {}) =>
  withLibpqAccess(loginTo(target), { scratchDir, path: '/usr/bin:/bin', applicationName: 'test' }, (access) =>
    runPsql({
      psqlPath: join(inject('postgres').binDir, 'psql'),
      access,
      chunks: inChunks(Buffer.from(script), over.chunkBytes ?? 16),
      skipExtensions: over.skipExtensions ?? [],
      whenServerGone: 'TargetUnreachable',
      signal: over.signal ?? new AbortController().signal,
    }),
  );

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const failureOf = async (work: Promise<unknown>): Promise<RestoreStopped> => {
  const error: unknown = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof RestoreStopped)) throw new Error('psql was to stop', { cause: error });
  return error;
};

async function reset() {
  const client = await target.connect();
  await client.query('DROP TABLE IF EXISTS public.users');
}

describe('runPsql', () => {
  it('restores a dump that restricts itself', async () => {
    await reset();
    await run(GOOD);
    const client = await target.connect();
    const { rows } = await client.query('SELECT email FROM users ORDER BY id');
    expect(rows).toEqual([{ email: String.raw`\! a row may say what it likes` }, { email: String.raw`\unrestrict x` }]);
  });

  const mark = () => join(scratchDir, 'reached');
  const hostile = (file: string): Record<string, string> => ({
    'a shell command': String.raw`\! touch ${file}`,
    'a shell command after its own end of restriction': `\\unrestrict dPmEvaRB6mZTTiuwIcO3bRTpaTBUZvcEFlbkwx9Mb5MCkvnvRyDIrSbCKSS0nC6\n\\! touch ${file}`,
    'a shell command behind a statement': String.raw`SELECT 1; \! touch ${file}`,
    'a shell command inside a statement': String.raw`SELECT 1 \! touch ${file}`,
    'a pipe for results': String.raw`SELECT 1 \g |touch ${file}`,
    'a pipe for all results': String.raw`\o |touch ${file}`,
    'a copy to a program': String.raw`\copy (SELECT 1) to program 'touch ${file}'`,
    'a backtick': `\\echo \`touch ${file}\``,
    'a backtick in a variable': `\\set x \`touch ${file}\``,
    'another script': String.raw`\i ${file}.sql`,
    'another database': String.raw`\connect postgres`,
    'a written file': String.raw`\w ${file}`,
    'generated commands': String.raw`SELECT '\! touch ${file}' \gexec`,
  });

  it.each(Object.keys(hostile('')))('refuses a dump with %s, and nothing of it happens here', async (name) => {
    await reset();
    const attack = hostile(mark())[name] ?? '';
    const end = '-- PostgreSQL database dump complete';
    const error = await failureOf(run(GOOD.replace(end, `${attack}\n${end}`)));
    expect(error.failure).toBe('RestoreFailed');
    expect(existsSync(mark())).toBe(false);
  });

  it('lets a program run as the server only', async () => {
    await reset();
    // The scratch directory belongs to this process alone; the server may not even enter it when it is another user.
    const outcome = await run(GOOD.replace('CREATE TABLE', `COPY (SELECT 1) TO PROGRAM 'touch ${mark()}';\nCREATE TABLE`)).then(
      () => 'ran',
      (error: RestoreStopped) => error.problem.sqlstate,
    );
    if (process.getuid?.() === 0) expect([outcome, existsSync(mark())]).toEqual(['38000', false]);
  });

  it('says where it stopped, and quotes no row', async () => {
    await reset();
    const planted = 'planted.person@example.org';
    const script = GOOD.replace('id integer,', 'id integer PRIMARY KEY,').replace('\n\\.\n', `\n2\t${planted}\n\\.\n`);
    const error = await failureOf(run(script));
    expect(error.problem).toMatchObject({ kind: 'sql', sqlstate: '23505', object: 'TABLE DATA public.users' });
    expect(JSON.stringify([error.message, error.problem, error.advice])).not.toContain('planted');
  });

  it.each([
    'COPY public.users (id, email) FROM stdin;\n3\tx\n',
    "SELECT 'not closed\n",
    'SELECT $$not closed\n',
    'CREATE TABLE never_ended (id',
  ])('sees a dump that ends inside of %j', async (tail) => {
    await reset();
    expect((await failureOf(run(GOOD + tail))).failure).toBe('RestoreFailed');
  });

  it('leaves out extensions that the plan skips', async () => {
    await reset();
    const extension = `CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;\nCOMMENT ON EXTENSION no_such_extension IS 'it''s not here';\n`;
    const script = GOOD.replace('CREATE TABLE', `${extension}CREATE TABLE`);
    expect((await failureOf(run(script))).failure).toBe('RestoreFailed');
    await reset();
    await run(script, { skipExtensions: ['no_such_extension'] });
  });

  it('ends when it is told to', async () => {
    await reset();
    const abort = new AbortController();
    const stopped = run(`${GOOD}SELECT pg_sleep(60);`, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('told to stop')), 300);
    await expect(stopped).rejects.toThrow('told to stop');
  });
});
