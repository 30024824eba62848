import { describe, expect, it } from 'vitest';
import { checkScenarios } from '../../../../core/plan/checks/scenarios.ts';
import { checkTiers, judgeObjects } from '../../../../core/plan/checks/tiers.ts';
import type { PostgresAsset } from '../../../../core/plan/schema.ts';
import { Scenario } from '../../../../core/plan/schema-scenarios.ts';
import { Tiers } from '../../../../core/plan/schema-tiers.ts';
import { judged, planWith, type Change } from '../plan-fixture.ts';

const tiers = Tiers.parse({
  cadence: [
    { name: 'daily', how: 'a full backup', rpo: 'PT25H', every: 'PT24H' },
    { name: 'hourly', how: 'a differential backup', rpo: 'PT1H', every: 'PT1H' },
    { name: 'standby', how: 'a second server', rpo: 'PT1M', every: 'PT1M', isProvided: false },
  ],
  size: [
    { name: 'large', mostObjects: 10_000, rtoSameHost: 'PT3H', rtoNewHost: 'PT5H' },
    { name: 'small', mostObjects: 1000, rtoSameHost: 'PT1H', rtoNewHost: 'PT2H' },
  ],
});
const tiered =
  (tier: Partial<NonNullable<PostgresAsset['tier']>>, more: Change = () => {}): Change =>
  (plan, database, key) => {
    plan.tiers = tiers;
    database.tier = { host: 'new', countedTables: [], ...tier };
    more(plan, database, key);
  };

describe('an asset of a tier by cadence (IM-2)', () => {
  it('keeps to it', () => expect(judged(checkTiers, tiered({ cadence: 'daily' }))).toEqual([]));
  it('promises no more than the tier does, and runs as often', () => {
    expect(judged(checkTiers, tiered({ cadence: 'hourly' }))).toEqual([
      expect.stringContaining("error assets[orders].objectives.rpo = 'PT25H': The tier hourly promises an RPO of PT1H"),
      expect.stringContaining("error assets[orders].schedule.cron = '0 2 * * ? *': Up to 24 h pass between two points"),
    ]);
  });
  it('may run less often where a gap says so', () => {
    const gap: Change = (_, database) => {
      database.objectives.rpo = 'PT1H';
      database.gaps = [{ what: 'An RPO of one hour', reason: 'One dump a day', objective: 'rpo', bound: 'PT25H' }];
    };
    expect(judged(checkTiers, tiered({ cadence: 'hourly' }, gap))).toEqual([]);
  });
  it('is told where no backup reaches it, and held to no promise of it', () => {
    expect(judged(checkTiers, tiered({ cadence: 'standby' }))).toEqual([expect.stringContaining('warning assets[orders].tier.cadence')]);
  });
  it('has a name that there is', () =>
    expect(judged(checkTiers, tiered({ cadence: 'gold' }))[0]).toContain('Name one of daily, hourly, standby'));
});

describe('an asset of a tier by size (IM-3)', () => {
  it('promises no more than the tier does on such a host', () => {
    expect(judged(checkTiers, tiered({ size: 'small' }))).toEqual([]);
    expect(judged(checkTiers, tiered({ size: 'small', host: 'same' }))[0]).toContain(
      'The tier small promises an RTO of PT1H on the same host',
    );
  });
  it('holds no more objects, stated or measured', () => {
    const stated: Change = (_, database) => void (database.expected = { sizeGiB: 1, restoreMiBps: 25, objects: 1001 });
    expect(judged(checkTiers, tiered({ size: 'small' }, stated))).toEqual([
      expect.stringContaining(
        "error assets[orders].tier.size = 'small': The tier small is for 1000 objects at most, and 1001 are stated → Take the tier large, which promises PT5H",
      ),
    ]);
    const plan = planWith(tiered({ size: 'small' }));
    const [database] = plan.assets as [PostgresAsset];
    expect(judgeObjects(plan, database, 1000, 'measured')).toEqual([]);
    expect(judgeObjects(plan, database, 99_999, 'measured')[0]).toMatchObject({
      severity: 'warning',
      fix: expect.stringContaining('No tier is for so many'),
    });
  });
  it('is told apart from others by its name', () =>
    expect(judged(checkTiers, (plan) => void (plan.tiers = { cadence: [], size: [tiers.size[0]!, tiers.size[0]!] }))[0]).toContain(
      'tiers.size[1].name',
    ));
});

describe('a scenario (DM-3)', () => {
  const scenario =
    (parts: object): Change =>
    (plan) =>
      void plan.scenarios.push(Scenario.parse({ name: 'deleted', what: 'Somebody deleted orders', assets: ['orders'], ...parts }));
  const check = { name: 'more orders', sql: 'SELECT count(*) FROM orders', expect: 5 };

  it('can be drilled as it stands', () =>
    expect(judged(checkScenarios, scenario({ noticedAfter: 'P2D', from: 'replica', checks: [check] }))).toEqual([]));
  it.each([
    [{ assets: ['card-key'] }, 'This is no database asset of this plan'],
    [{ noticedAfter: 'P30D' }, 'The restore test cannot start: of orders every point is kept for 30 days only'],
    [{ checks: [{ ...check, sql: 'DELETE FROM orders' }] }, 'This is not one SELECT'],
    [{ checks: [{ ...check, name: 'orders are there' }] }, 'has the same name'],
    [{ checks: [check, check] }, 'has the same name'],
    [{ checks: [{ ...check, asset: 'card-key' }] }, 'does not restore this asset'],
    [{ assets: ['orders', 'orders-2'], checks: [check] }, 'has several assets'],
  ])('is refused as %j', (parts, problem) => expect(judged(checkScenarios, scenario(parts)).join('\n')).toContain(problem));
  it('has a name of its own', () => {
    const twice: Change = (...of) => [1, 2].forEach(() => scenario({})(...of));
    expect(judged(checkScenarios, twice)).toEqual([expect.stringContaining('scenarios[1].name')]);
  });
});
