/** A restore that people look at and sign off, deployed: calls signed by the deployed roles, and the machine that keeps the word. */
import { expect } from 'vitest';
import { parseJson } from '../../core/parse-json.ts';
import { RestoreOutput, RestoreResult } from '../../core/restore/result.ts';
import { SignOff, signOffKey } from '../../core/sign-off/records.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

/** What a plan says of restores, so that there is something to check and something left to people. */
export const LOOKED_AT = {
  validation: {
    checks: [{ name: 'nobody is without a name', sql: 'SELECT count(*) FROM users WHERE email IS NULL', compare: '=', expect: 0 }],
    manual: [{ name: 'login', what: 'A known user can log in' }],
  },
  followUps: [{ name: 'dns', kind: 'dns', what: 'Point the name at the new host', duration: 'PT5M' }],
};

const sayOf =
  (signed: DeployedSystem['signed'], run: string) =>
  (body: object, role: 'requester' | 'approver' = 'requester', person = 'ann') =>
    signed({ place: 'vault', handler: 'sign-off/take-word', body: { run, ...body }, as: { role, person } });

async function tickAll(signed: DeployedSystem['signed'], run: string) {
  const say = sayOf(signed, run);
  await say({ action: 'tick', name: 'login', note: 'it can' });
  await say({ action: 'tick', name: 'dns', note: 'answers', tookSeconds: 60 }, 'approver', 'bob');
}

/** All that is left to people is done, and one of them says that it is good. */
export async function signOff({ signed }: Pick<DeployedSystem, 'signed'>, run: string) {
  await tickAll(signed, run);
  await sayOf(signed, run)({ action: 'sign', note: 'All is well' });
}

/** @param output of the restore */
export async function expectSignedOff(
  { plan, vault, replica, signed, run }: Pick<DeployedSystem, 'plan' | 'vault' | 'replica' | 'signed' | 'run'>,
  output: unknown,
) {
  const restored = RestoreOutput.parse(output);
  const of = restored.run;
  const result = RestoreResult.parse(parseJson((await vault.get({ key: restored.result }))!.body));
  expect(result.validation?.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(result.validation?.checks.map(({ name }) => name)).toContain('nobody is without a name');
  expect(result.times).toMatchObject({ followUpSeconds: 300, validationSeconds: expect.any(Number) as number });

  const say = sayOf(signed, of);
  await expect(say({ action: 'sign' })).rejects.toThrow(/login, dns: nobody has ticked them yet/);
  expect(await run('restore', { finish: of })).toMatchObject({ status: 'FAILED', error: 'BadInput' });
  await tickAll(signed, of);
  await expect(say({ action: 'sign', by: 'cleo' })).rejects.toThrow(/by/);
  expect(await say({ action: 'sign', note: 'All is well' })).toMatchObject({ signed: { by: 'ann' } });
  const kept = await run('restore', { finish: of });
  expect(kept.status === 'SUCCEEDED' ? kept.output : kept.cause).toMatchObject({ action: 'sign-off', result: signOffKey(plan.system, of) });
  for (const reader of [vault, replica])
    for (const key of [signOffKey(plan.system, of), signatureKey(signOffKey(plan.system, of))])
      expect(await reader.get({ key }), key).toBeDefined();
  const record = SignOff.parse(parseJson((await vault.get({ key: signOffKey(plan.system, of) }))!.body));
  expect(record).toMatchObject({
    by: { person: 'ann', role: `holdfast-${plan.system}-requester` },
    followUps: [{ by: { person: 'bob' }, seconds: 60 }],
  });
}
