import { describe, expect, it } from 'vitest';
import { checkFollowUps, checkValidation } from '../../../../core/plan/checks/validation.ts';
import { FollowUp } from '../../../../core/plan/schema-follow-ups.ts';
import { Validation } from '../../../../core/plan/schema-validation.ts';
import { judged, type Change } from '../plan-fixture.ts';

const having =
  (validation: object): Change =>
  (_plan, database) => {
    if (database.restore) database.restore.validation = Validation.parse(validation);
  };
const followed =
  (...followUps: object[]): Change =>
  (_plan, database) => {
    if (database.restore) database.restore.followUps = followUps.map((one) => FollowUp.parse(one));
  };

const check = { name: 'orders', sql: 'SELECT count(*) FROM orders', expect: 1 };
const page = { name: 'page', url: 'https://shop.example.org/health', contains: 'ok' };
const login = { name: 'login', url: 'https://shop.example.org/login', secret: 'shop/probe' };
const eye = { name: 'dashboard', what: 'The dashboard shows the orders of today' };

describe('what validates a restore', () => {
  it('may be of every kind', () => {
    expect(judged(checkValidation, having({ checks: [check], probes: [page], logins: [login], manual: [eye] }))).toEqual([]);
    expect(judged(checkValidation)).toEqual([]);
  });

  it('has checks that evidence can tell apart, whatever their kind', () => {
    expect(judged(checkValidation, having({ checks: [check], probes: [{ ...page, name: 'orders' }] }))).toEqual([
      "error assets[orders].restore.validation.probes[0].name = 'orders': Another check of this validation has the same name → Give each check a name of its own",
    ]);
  });

  it('only reads', () => {
    expect(judged(checkValidation, having({ checks: [{ ...check, sql: 'DELETE FROM orders' }] }))).toEqual([
      expect.stringContaining('This is not one SELECT'),
    ]);
  });

  it('sends a password over https alone, and what a login gave to its own host', () => {
    expect(judged(checkValidation, having({ logins: [{ ...login, url: 'http://shop.example.org/login' }] }))).toEqual([
      expect.stringMatching(/^error .*A password would be sent where others can read it/),
    ]);
    expect(judged(checkValidation, having({ probes: [{ ...page, url: 'http://shop.example.org/' }] }))).toEqual([
      expect.stringMatching(/^warning .*Anybody on the way can answer this/),
    ]);
    expect(judged(checkValidation, having({ logins: [{ ...login, afterwards: { url: 'https://other.example.org/me' } }] }))).toEqual([
      expect.stringContaining('→ Name an address at shop.example.org'),
    ]);
  });

  it('takes no address with a password in it, and no other kind of address', () => {
    for (const url of ['https://admin:secret@shop.example.org/', 'file:///etc/passwd', 'shop.example.org', 'https://x.org/#a'])
      expect(Validation.safeParse({ probes: [{ ...page, url }] }).success, url).toBe(false);
  });

  it('compares rows with what was verified, of this point or of one that is named', () => {
    const rows = (against: string) => Validation.safeParse({ rowCounts: [{ table: 'public.orders', against }] }).success;
    expect(['verified', '20261121T020000Z', 'yesterday', 'latest'].map(rows)).toEqual([true, true, false, false]);
  });
});

describe('what people do afterwards', () => {
  const secrets = { name: 'secrets', kind: 'provision-secrets', what: 'Set each in the console', count: 100, secondsPerSecret: 30 };

  it('counts secrets exactly where there are such', () => {
    const problems = (one: object) => (FollowUp.safeParse(one).error?.issues ?? []).map((issue) => issue.message);
    const wanted = ['has `count` and `secondsPerSecret` exactly when its kind is `provision-secrets`'];
    expect(problems({ ...secrets, count: undefined })).toEqual(wanted);
    expect(problems({ ...secrets, kind: 'dns' })).toEqual(wanted);
  });

  it('has names of its own', () => {
    const dns = { name: 'dns', kind: 'dns', what: 'Point the name at it' };
    expect(judged(checkFollowUps, followed(dns, dns))).toEqual([expect.stringContaining('Another follow-up has the same name')]);
  });
});
