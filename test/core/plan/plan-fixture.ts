/** A plan with nothing to find in it, and copies of it with one thing changed. */
import type { Finding } from '../../../core/plan/finding.ts';
import { ProtectionPlan, type KeyAsset, type PostgresAsset } from '../../../core/plan/schema.ts';
import type { Rule } from '../../../core/plan/checks/rule.ts';

export const NOW = new Date('2026-11-21T00:00:00Z');

const faultless = {
  version: 1,
  system: 'shop',
  owner: 'Shop team',
  operator: 'Platform operations',
  roles: { requesters: ['shop-requester'], approvers: ['shop-approver'] },
  classification: 'internal',
  home: { region: 'eu-central-1', account: '111111111111' },
  replica: { region: 'eu-west-1', account: '222222222222' },
  sourceAccount: '333333333333',
  network: { kind: 'new' },
  agreement: {
    owners: {
      hosting: { who: 'Platform operations' },
      backup: { who: 'Platform operations' },
      recovery: { who: 'Platform operations', contact: 'duty@shop.example' },
      support: { who: 'Shop desk', contact: 'desk@shop.example' },
    },
    deployment: { model: 'provider-cloud' },
    restoreEnvironment: { name: 'shop-restore', what: 'A database beside the source, and a shop that sells nothing' },
    scope: [
      { area: 'tenant configuration', assets: ['orders'], validatedBy: ['orders are there'] },
      { area: 'operational data', assets: ['orders'], validatedBy: ['orders are there'] },
      { area: 'files and media', out: 'Pictures are made anew' },
      { area: 'integration state', out: 'There are no integrations' },
      { area: 'AI workflow evidence', out: 'There are no AI workflows' },
    ],
    review: { period: 'P6M', last: { at: '2026-11-01T09:00:00Z', by: 'Shop team and operations' } },
  },
  assets: [
    {
      id: 'orders',
      kind: 'postgres',
      objectives: { rpo: 'PT25H', rto: 'PT2H' },
      source: { secret: 'shop/orders', postgresMajor: 17 },
      restore: { secret: 'shop/orders-restore' },
      schedule: { cron: '0 2 * * ? *' },
      expected: { sizeGiB: 50 },
      retention: { hot: 'P30D' },
      lock: { length: 'P30D', longestDetection: 'P14D' },
      needsKeys: ['card-key'],
      drill: {
        schedule: { cron: '0 5 1 * ? *', longestRun: 'PT4H' },
        period: 'P1M',
        checks: [{ name: 'orders are there', sql: 'SELECT count(*) FROM orders', expect: 1 }],
        canaries: [{ key: 'card-key', sql: 'SELECT card FROM cards LIMIT 1' }],
      },
    },
    {
      id: 'card-key',
      kind: 'key',
      objectives: { rpo: 'PT25H', rto: 'PT1H' },
      source: { secret: 'shop/card' },
      escrow: { schedule: { cron: '0 1 * * ? *', longestRun: 'PT15M' } },
    },
  ],
};

export type Change = (plan: ProtectionPlan, database: PostgresAsset, key: KeyAsset) => void;

/** A plan of its own for each caller. */
export function planWith(change: Change = () => {}): ProtectionPlan {
  const plan = ProtectionPlan.parse(structuredClone(faultless));
  change(plan, plan.assets[0] as PostgresAsset, plan.assets[1] as KeyAsset);
  return plan;
}

/** What a rule says of the changed plan, as `severity path: problem → fix` for short expectations. */
export function judged(rule: Rule, change?: Change, now: Date = NOW): string[] {
  return rule(planWith(change), now).map(line);
}

const line = ({ severity, path, value, problem, fix }: Finding) => `${severity} ${path} = ${value}: ${problem} → ${fix}`;
