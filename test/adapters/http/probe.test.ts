/** Probes against a real server over TLS: what is right, what is wrong, and what of it is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeHttp, probeLogin } from '../../../adapters/http/probe.ts';
import { Validation } from '../../../core/plan/schema-validation.ts';
import { makeApplication, PASSWORD } from './application.ts';

let app: Awaited<ReturnType<typeof makeApplication>>;
beforeAll(async () => {
  app = await makeApplication();
});
afterAll(() => app.close());

const get = (path: string, over: object = {}) => {
  const [probe] = Validation.parse({ probes: [{ name: 'page', url: app.url(path), ca: app.ca, ...over }] }).probes;
  if (probe === undefined) throw new Error('no probe');
  return probeHttp(probe);
};
const ACCOUNT = { username: 'probe', password: PASSWORD };
const login = (path: string, over: object = {}, account: typeof ACCOUNT | undefined = ACCOUNT) => {
  const [probe] = Validation.parse({ logins: [{ name: 'login', url: app.url(path), secret: 'app/probe', ca: app.ca, ...over }] }).logins;
  if (probe === undefined) throw new Error('no probe');
  return probeLogin(probe, account);
};

describe('a page', () => {
  it('passes by its status and what it contains', async () => {
    expect(await get('/health', { contains: '"ok"' })).toEqual({
      name: 'page',
      kind: 'http',
      outcome: 'passed',
      expected: 'status 200 with "\\"ok\\""',
      measured: 'status 200',
    });
    expect(await get('/health', { contains: 'broken' })).toMatchObject({ outcome: 'failed', measured: 'status 200 without the text' });
    expect(await get('/nothing')).toMatchObject({ outcome: 'failed', measured: 'status 404' });
    expect(await get('/nothing', { status: 404 })).toMatchObject({ outcome: 'passed' });
  });

  it('follows redirects as far as the plan says, and to its own host alone', async () => {
    expect(await get('/old')).toMatchObject({ outcome: 'failed', measured: 'status 302' });
    expect(await get('/old', { redirects: 1, contains: 'ok' })).toMatchObject({ outcome: 'passed' });
    expect(await get('/loop', { redirects: 3 })).toMatchObject({ outcome: 'failed', measured: 'status 302' });
    expect(await get('/away', { redirects: 3 })).toMatchObject({ outcome: 'failed', measured: 'a redirect to another host' });
  });

  it('fails when the server is not who it says, or nobody', async () => {
    expect(await get('/health', { ca: app.otherAuthority })).toMatchObject({
      outcome: 'failed',
      measured: expect.stringMatching(/^the certificate is not accepted \([A-Z_]+\)$/) as string,
    });
    expect(await get('/health', { url: 'https://localhost:1/' })).toMatchObject({
      outcome: 'failed',
      measured: 'no answer (ECONNREFUSED)',
    });
  });

  it('ends in time, whether nothing comes or it never stops', async () => {
    for (const path of ['/silent', '/endless'])
      expect(await get(path, { timeout: 'PT1S' }), path).toMatchObject({ outcome: 'failed', measured: 'no answer in time' });
  });
});

describe('a login', () => {
  const me = { tokenField: 'data.token', contains: 'admin' };

  it('passes by JSON and a token, or by a form and a cookie', async () => {
    expect(await login('/login', { afterwards: { url: app.url('/me'), ...me } })).toMatchObject({ outcome: 'passed', kind: 'login' });
    const form = { format: 'form', usernameField: 'email', passwordField: 'pass', status: 302 };
    expect(await login('/form', { ...form, afterwards: { url: app.url('/home'), contains: 'Welcome' } })).toMatchObject({
      outcome: 'passed',
    });
  });

  it('fails with a wrong password, and without what comes after it', async () => {
    expect(await login('/login', {}, { ...ACCOUNT, password: 'wrong' })).toMatchObject({ outcome: 'failed', measured: 'status 401' });
    expect(await login('/login', { afterwards: { url: app.url('/me'), ...me, tokenField: 'token' } })).toMatchObject({
      outcome: 'failed',
      measured: 'the answer has no token',
    });
    expect(await login('/login', { afterwards: { url: app.url('/me') } })).toMatchObject({ outcome: 'failed', measured: 'status 401' });
    const probe = Validation.parse({ logins: [{ name: 'login', url: app.url('/login'), secret: 'app/probe' }] }).logins[0];
    if (probe === undefined) throw new Error('no probe');
    expect(await probeLogin(probe, undefined)).toMatchObject({
      measured: 'the secret app/probe has no username and password that can be read',
    });
  });

  it('tells of no password, token or answer, whatever the server says', async () => {
    const form = { format: 'form', usernameField: 'email', passwordField: 'pass' };
    const all = [
      await login('/login', {}, { ...ACCOUNT, username: 'other' }),
      await login('/form', form, { ...ACCOUNT, username: 'other' }),
      await login('/login'),
    ];
    expect(JSON.stringify(all)).not.toMatch(/planted/);
    expect(app.seen.join('\n')).not.toMatch(/planted/);
  });
});
