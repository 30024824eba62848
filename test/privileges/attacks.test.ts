import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ofType, PLANS, synthesize, type Template } from '../infra/synthesized.ts';
import { isLike } from './account-for.ts';
import { attackAll } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { rolesOf } from './grants.ts';
import { rolesPage } from './roles-page.ts';

const synthesized = synthesize('ida');
const { vault, replicaVault, pipeline, recovery } = synthesized;
const roles = rolesOf([vault, replicaVault, pipeline, recovery]);
const outcomes = attackAll(roles, synthesized);

describe('an attack by who holds one role', () => {
  it.each(ATTACKS.map((attack) => [attack.name, attack] as const))('is stopped: %s', (_, attack) => {
    const ofAttack = outcomes.filter((outcome) => outcome.attack === attack);
    expect(ofAttack).toHaveLength(roles.length);
    const succeeded = ofAttack.filter(({ isStopped, isKnown }) => !isStopped && !isKnown).map(({ short }) => short);
    expect(succeeded, 'may do it: mend its policy, or tell it in test/privileges/attacks.ts with what limits it').toEqual([]);
    for (const { isStopped, by } of ofAttack) if (isStopped) expect(by).not.toEqual([]);
    const idle = (attack.may?.roles ?? []).filter(
      (pattern) => !ofAttack.some(({ short, isStopped }) => !isStopped && isLike(short, pattern)),
    );
    expect(idle, 'cannot do it any more: take it out of the attack').toEqual([]);
  });
});

describe.each(PLANS)('the network of %s', (plan) => {
  const systems = synthesize(plan);
  it.each([
    ['home', systems.pipeline],
    ['the second region', systems.recovery],
  ] as const)('leaves drill and verify no way to the source, at %s', (_, template) => {
    for (const [, { Properties }] of ofType(template, 'AWS::EC2::SecurityGroup')) {
      const task = /-(dump|restore|drill|verify)$/.exec(String(Properties['GroupName']))?.[1];
      if (task !== 'drill' && task !== 'verify') continue;
      expect(Properties['SecurityGroupEgress']).toMatchObject([{ FromPort: 443, ToPort: 443 }]);
      expect(Properties['SecurityGroupIngress']).toEqual([]);
    }
    expect(admittedByDatabase(template).filter((source) => /drill|verify/i.test(source))).toEqual([]);
  });
});

/** Groups that the database's own group lets in. */
const admittedByDatabase = (template: Template) =>
  ofType(template, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => JSON.stringify(Properties['SourceSecurityGroupId']));

describe('a login by IAM', () => {
  it('is granted to one user of the databases that the plan names', () => {
    const tasks = rolesOf([synthesize('test/infra/existing-network.yaml').pipeline]).filter(({ grants }) =>
      grants.some(({ action }) => action === 'rds-db:connect'),
    );
    expect(tasks.map(({ name }) => name)).toEqual([expect.stringMatching(/-orders-dump$/), expect.stringMatching(/-orders-restore$/)]);
    for (const { grants } of tasks)
      expect(grants.find(({ action }) => action === 'rds-db:connect')?.statement.Resource).toEqual(
        ['db-ORDERS1', 'db-ORDERS2'].map(
          (id) => expect.stringMatching(new RegExp(`^arn:aws:rds-db:[^:]+:\\d{12}:dbuser:${id}/reader$`)) as string,
        ),
      );
  });
});

describe('docs/roles.md', () => {
  it('is current', () => {
    const file = new URL('../../docs/roles.md', import.meta.url);
    const page = rolesPage(outcomes);
    if (process.env['HOLDFAST_WRITE_DOCS'] === '1') writeFileSync(file, page);
    expect(readFileSync(file, 'utf8'), 'write it anew: HOLDFAST_WRITE_DOCS=1 npx vitest run test/privileges').toBe(page);
  });
});
