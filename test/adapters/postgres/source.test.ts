import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Signer } from '@aws-sdk/rds-signer';
import { afterAll, describe, expect, it } from 'vitest';
import { withLibpqAccess } from '../../../adapters/postgres/libpq.ts';
import { resolveLogin } from '../../../adapters/postgres/source.ts';
import { PostgresSource } from '../../../core/plan/schema.ts';

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-test-source-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const secret = { host: 'db.example.org', port: 5432, dbname: 'ida', username: 'dumper', password: 'pl4nted', ca: 'PEM' };
const source = (over: object = {}) => PostgresSource.parse({ secret: 'ida/db', postgresMajor: 16, ca: 'secret', ...over });
const resolve = (plan = source(), text = JSON.stringify(secret), rdsBundlePath?: string) =>
  resolveLogin({ source: plan, secretText: text, rdsBundlePath, signRdsToken: ({ user }) => Promise.resolve(`token of ${user}`) });

describe('resolveLogin', () => {
  it('takes everything from the secret', async () => {
    expect(await resolve()).toEqual({
      host: 'db.example.org',
      port: 5432,
      database: 'ida',
      user: 'dumper',
      password: 'pl4nted',
      tls: { mode: 'verify-full', ca: 'PEM' },
    });
  });
  it('takes ports as text, as secrets made by hand have them', async () => {
    expect((await resolve(source(), JSON.stringify({ ...secret, port: '6432' }))).port).toBe(6432);
    expect((await resolve(source(), JSON.stringify({ ...secret, port: undefined }))).port).toBe(5432);
  });
  it('logs in with a token where the plan says so', async () => {
    const { password } = await resolve(source({ authentication: 'rds-iam' }), JSON.stringify({ ...secret, password: undefined }));
    expect(password).toBe('token of dumper');
  });
  it('gets a token that RDS reads from the SDK', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
    const token = await new Signer({
      hostname: 'db.example.org',
      port: 5432,
      username: 'dumper',
      region: 'eu-central-1',
      credentials,
    }).getAuthToken();
    expect(token).toMatch(/^db\.example\.org:5432\/\?Action=connect&DBUser=dumper&.*X-Amz-Expires=900/);
  });
  it('reads the authority from the bundle of the image, or from the system', async () => {
    const bundle = join(scratch, 'bundle.pem');
    writeFileSync(bundle, 'BUNDLE');
    expect((await resolve(source({ ca: 'rds' }), undefined, bundle)).tls.ca).toBe('BUNDLE');
    expect((await resolve(source({ ca: 'system' }))).tls.ca).toMatch(/BEGIN CERTIFICATE|^$/);
    expect((await resolve(source({ tls: 'require' }))).tls.ca).toBeUndefined();
  });
  it.each([
    ['text', 'not json pl4nted', /not JSON/],
    ['no host', JSON.stringify({ ...secret, host: undefined }), /host/],
    ['a port that is none', JSON.stringify({ ...secret, port: 'pl4nted' }), /port/],
    ['no password', JSON.stringify({ ...secret, password: undefined }), /password/],
    ['no ca', JSON.stringify({ ...secret, ca: undefined }), /ca/],
  ])('refuses a secret with %s, and tells nothing of it', async (_, text, problem) => {
    const error = await resolve(source(), text).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ failure: 'BadConfiguration', message: expect.stringMatching(problem) as string });
    expect(`${JSON.stringify(error)} ${error instanceof Error ? error.message : ''}`).not.toContain('pl4nted');
  });
});

describe('withLibpqAccess', () => {
  const login = {
    host: "o'host",
    port: 5432,
    database: 'd b',
    user: 'u\\ser',
    password: 'pass:with\\all',
    tls: { mode: 'verify-full' as const, ca: 'PEM' },
  };
  const settings = { scratchDir: scratch, path: '/bin', applicationName: 'test' };

  it('keeps the password in a file of its own, and quotes the rest', async () => {
    await withLibpqAccess(login, settings, async ({ connection, environment }) => {
      const passFile = environment['PGPASSFILE'] ?? '';
      expect(readFileSync(passFile, 'utf8')).toBe('*:*:*:*:pass\\:with\\\\all\n');
      expect(statSync(passFile).mode & 0o777).toBe(0o600);
      expect(connection).toContain(String.raw`host='o\'host'`);
      expect(connection).toContain(String.raw`user='u\\ser'`);
      expect(connection).toMatch(/keepalives_idle='(\d+)'/);
      expect(Number(/keepalives_idle='(\d+)'/.exec(connection)?.[1])).toBeLessThan(350);
      expect(connection + JSON.stringify({ ...environment })).not.toContain('pass:with');
      expect(Object.keys(environment).sort()).toEqual(['HOME', 'LC_ALL', 'PATH', 'PGPASSFILE']);
      await Promise.resolve();
    });
    expect(readdirSync(scratch).filter((name) => /^(pass|ca)-/.test(name))).toEqual([]);
  });
  it('leaves no file when what it was for fails', async () => {
    await expect(withLibpqAccess(login, settings, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(readdirSync(scratch).filter((name) => /^(pass|ca)-/.test(name))).toEqual([]);
  });
});
