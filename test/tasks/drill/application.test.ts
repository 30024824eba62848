import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOOPBACK, openLoopbackDoor } from '../../../adapters/postgres/loopback-door.ts';
import { connectToThrowaway, startThrowaway } from '../../../adapters/postgres/throwaway.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import { KeyNotRecoverable } from '../../../core/escrow/errors.ts';
import { Application } from '../../../core/plan/schema-application.ts';
import { applicationEntryPoint } from '../../../infra/drill/application.ts';
import { ApplicationUnavailable } from '../../../tasks/drill/application/errors.ts';
import { tryApplication, type ApplicationPorts } from '../../../tasks/drill/application/try-application.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { drill, failedChecks, forgePoint, makePoint, startContainer, type Container, type MadePoint } from './fixture.ts';

const KEY = `it's a key: "$HOME"\nof two lines`;
const KEYS = [
  { key: 'password-key', fingerprint: 'a'.repeat(64) },
  { key: 'password-key', fingerprint: 'b'.repeat(64) },
];
const ACCOUNT = { username: 'ada', password: 'correct horse' };
const APPLICATION = fileURLToPath(new URL('../../helpers/login-application.ts', import.meta.url));
const ROLE_SQL = `CREATE ROLE shop NOLOGIN VALID UNTIL '2020-01-01'; GRANT ALL ON accounts TO shop`;
const CONTENT = `
  CREATE TABLE accounts (name text PRIMARY KEY, seal text NOT NULL, seen timestamptz);
  INSERT INTO accounts VALUES ('${ACCOUNT.username}', '${createHmac('sha256', KEY).update(ACCOUNT.password).digest('hex')}')`;

/** A port that was free a moment ago, and its server where it is to be taken. */
async function takePort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}
const give = ({ server }: { server: Server }) => new Promise((resolve) => server.close(resolve));

/** The container of an application as ECS starts it, with what ECS tells every container of a task. */
function startApplication(command: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-application-'));
  chmodSync(directory, 0o700);
  const [program = '', ...args] = [...applicationEntryPoint(directory), ...command];
  const child: ChildProcess = spawn(program, args, {
    env: { PATH: process.env['PATH'], AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x', AWS_ACCESS_KEY_ID: 'x' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    directory,
    ended,
    output: () => output,
    async remove() {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const planned = (port: number, over: Partial<Application> = {}): Application =>
  Application.parse({
    kind: 'container',
    image: `registry.example/shop@sha256:${'0'.repeat(64)}`,
    command: ['unused'],
    port,
    environment: [
      { name: 'PORT', value: String(port) },
      { name: 'DATABASE_URL', database: 'url' },
      { name: 'PASSWORD_KEY', key: 'password-key' },
    ],
    probes: [{ name: 'it is well', path: '/health', contains: '1 accounts', within: 'PT2M' }],
    logins: [
      {
        name: 'ada can log in',
        path: '/login',
        secret: 'shop/known-account',
        within: 'PT2M',
        afterwards: { path: '/me', tokenField: 'token', contains: 'welcome ada' },
      },
    ],
    ...over,
  });

type Try = {
  way?: string;
  over?: Partial<Application>;
  ports?: Partial<ApplicationPorts>;
  isTaken?: boolean;
  signal?: AbortSignal;
};
type Left = { code: number | null; files: string[]; output: string };

/** Runs `work` beside the application’s container, which has to end by itself. */
async function beside(
  { way = 'well', over = {}, isTaken = false }: Try,
  work: (application: Application, directory: string) => Promise<CheckResult[]>,
) {
  const taken = await takePort();
  if (!isTaken) await give(taken);
  const container = startApplication([process.execPath, APPLICATION, way]);
  let results: CheckResult[] = [];
  let problem: unknown;
  try {
    results = await work(planned(taken.port, over), container.directory);
  } catch (error) {
    problem = error;
  } finally {
    if (isTaken) await give(taken);
  }
  const left: Left = { code: await container.ended, files: readdirSync(container.directory).sort(), output: container.output() };
  await container.remove();
  return { results, problem, left, failed: Object.fromEntries(results.filter(isFailed).map(({ name, measured }) => [name, measured])) };
}
const isFailed = ({ outcome }: CheckResult) => outcome === 'failed';

const portsOf = (over: Partial<ApplicationPorts> = {}): ApplicationPorts => ({
  openKey: (_key, fingerprint) => Promise.resolve(Buffer.from(fingerprint.startsWith('a') ? KEY : 'an older one')),
  readSecret: (name) => Promise.resolve(name === 'shop/known-account' ? JSON.stringify(ACCOUNT) : undefined),
  newPassword: () => 'f00dfeed',
  monotonicSeconds: () => performance.now() / 1000,
  report: () => undefined,
  ...over,
});

const READY = ['ended', 'start', 'started', 'stop', 'waiting'];

describe('an application on a restored database', () => {
  let server: Container;
  beforeAll(async () => {
    server = startContainer();
    const { signal } = new AbortController();
    await startThrowaway(server.sharedDir, { memoryMiB: 256, jobs: 1 }, { timeoutSeconds: 120, signal });
    const admin = await connectToThrowaway(server.sharedDir, 'postgres');
    await admin.query('CREATE DATABASE restored');
    await admin.end();
    const database = await connectToThrowaway(server.sharedDir, 'restored');
    for (const sql of `${CONTENT};${ROLE_SQL}`.split(';')) await database.query(sql);
    await database.end();
  });
  afterAll(() => server.remove());

  const bringUp = (how: Try) =>
    beside(how, (application, directory) =>
      tryApplication(
        { application, directory, sharedDir: server.sharedDir, keys: KEYS },
        portsOf(how.ports),
        how.signal ?? new AbortController().signal,
      ),
    );
  /** The failing one is not asked for long once the application listens; for that there is time by the other. */
  const within = (probe: string, login: string) => ({
    probes: planned(9999).probes.map((one) => ({ ...one, within: probe })),
    logins: planned(9999).logins.map((one) => ({ ...one, within: login })),
  });

  it.each<[string, Partial<Application>]>([
    ['a role of its own', {}],
    ['the role of the source, which could not log in there', { databaseRole: 'shop' }],
  ])('lets the known account in with %s, and is gone with its environment', async (_what, over) => {
    const { results, problem, failed, left } = await bringUp({ over });
    expect([problem, failed]).toEqual([undefined, {}]);
    expect(results.map(({ name, kind, measured }) => `${kind}: ${name}: ${measured}`)).toEqual([
      expect.stringMatching(/^application: application: listens on port \d+$/),
      'http: it is well: status 200',
      'login: ada can log in: status 200',
    ]);
    expect(left).toEqual({ code: 0, files: READY, output: '' });
  });

  it.each<[string, Try, Record<string, unknown>]>([
    ['that ends by itself', { way: 'ends' }, { application: 'it ended by itself, with exit code 3' }],
    ['that listens nowhere', { way: 'silent', over: within('PT2S', 'PT2S') }, { application: 'nothing listens there after 2 s' }],
    ['that answers wrongly', { way: 'wrong', over: within('PT1S', 'PT2M') }, { 'it is well': 'status 500' }],
    [
      'that refuses the login, for the key is another one',
      { ports: { openKey: () => Promise.resolve(Buffer.from('another')) }, over: within('PT2M', 'PT1S') },
      { 'ada can log in': 'status 401' },
    ],
    [
      'whose account nobody can read',
      { ports: { readSecret: () => Promise.resolve(undefined) }, over: within('PT2M', 'PT1S') },
      { 'ada can log in': 'the secret shop/known-account has no username and password that can be read' },
    ],
    ['whose role the point does not have', { over: { databaseRole: 'store' } }, { application: 'the restored database has no role store' }],
    [
      'whose key is lost',
      { ports: { openKey: () => Promise.reject(new KeyNotRecoverable('envelope-missing', 'gone')) } },
      { application: 'the key password-key: envelope-missing' },
    ],
  ])('is a failed check as one %s', async (_what, how, expected) => {
    const { failed, problem, left } = await bringUp(how);
    expect([problem, failed]).toEqual([undefined, expected]);
    expect(left.files).not.toContain('environment');
  });

  it('is ended by force when it does not hear', async () => {
    const { failed, left } = await bringUp({ way: 'lingers' });
    expect(failed).toEqual({});
    expect(left.files).toEqual(READY);
  });

  it.each<[string, Try, string]>([
    ['something else listens on its port', { isTaken: true }, 'already'],
    [
      'a secret of its environment cannot be read',
      { over: { environment: [{ name: 'MAIL_PASSWORD', secret: 'shop/mail', field: 'password' }] } },
      'MAIL_PASSWORD: the secret shop/mail, field password, could not be read',
    ],
  ])('could not be tried when %s', async (_what, how, why) => {
    const { problem, left } = await bringUp(how);
    expect(problem).toBeInstanceOf(ApplicationUnavailable);
    expect(String(problem)).toContain(why);
    expect(left.code).toBe(0);
  });

  it('is ended when the task is told to stop', async () => {
    const stop = new AbortController();
    const readSecret = () => {
      stop.abort(new Error('told to stop'));
      return Promise.resolve(undefined);
    };
    const { problem, left } = await bringUp({ ports: { readSecret }, signal: stop.signal });
    expect(problem).toBeDefined();
    expect(left.files).toEqual(READY);
  });

  it('has the only way over TCP: of one role, with its password, and as long as it is asked', async () => {
    const door = await openLoopbackDoor(server.sharedDir, 'shop');
    const logIn = async (user: string, password: string) => {
      const client = new Client({ host: LOOPBACK, port: door.port, database: 'restored', user, password });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query<{ who: string }>('SELECT current_user AS who')).rows[0]?.who;
      } catch (error) {
        return (error as { code?: string }).code;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    // The tests before this one have given the role this password.
    expect(await logIn('shop', 'f00dfeed')).toBe('shop');
    expect(await logIn('shop', 'wrong')).toBe('28P01');
    // Who comes by the socket as the server's own user is asked for none.
    expect(await logIn('holdfast', '')).toBe('28000');
    await door.close();
    expect(await logIn('shop', 'f00dfeed')).toBe('ECONNREFUSED');
  });
});

describe('a drill that brings an application up', () => {
  let source: FreshDatabase;
  let made: MadePoint;
  beforeAll(async () => {
    source = await freshDatabase('application');
    const client = await source.connect();
    await client.query(CONTENT);
    const checks = [{ name: 'accounts', sql: 'SELECT count(*) FROM accounts', compare: '=' as const, expect: 1 }];
    const point = await makePoint(source, { drill: { checks } });
    made = await forgePoint(point, { point: '20260602T020000Z', manifest: (manifest) => ({ ...manifest, keys: KEYS }) });
  });
  afterAll(() => source.drop());

  it('has what it was answered in its result, and none of what it was told', async () => {
    let end: Awaited<ReturnType<typeof drill>> | undefined;
    const { problem, left } = await beside({}, async (application, applicationDir) => {
      const ports = portsOf();
      const asset = { ...made.asset, drill: { ...made.asset.drill, application } };
      end = await drill({ ...made, asset }, { order: { applicationDir }, ports: { openKey: ports.openKey, application: ports } });
      return end.result.checks;
    });
    expect(problem).toBeUndefined();
    expect(end && failedChecks(end)).toEqual([]);
    expect(end?.result.checks.slice(-3).map(({ kind }) => kind)).toEqual(['application', 'http', 'login']);
    expect(end?.result.phases.map(({ name }) => name).slice(-3)).toEqual(['keys', 'application', 'remove']);
    expect(JSON.stringify(end)).not.toMatch(/correct horse|it's a key|f00dfeed/);
    expect(left.files).toEqual(READY);
  });
});
