import { describe, expect, it } from 'vitest';
import { checkAssetIds, checkNameLengths } from '../../../../core/plan/checks/names.ts';
import { checkNetwork } from '../../../../core/plan/checks/network.ts';
import { checkApprovers } from '../../../../core/plan/checks/people.ts';
import { checkAccounts, checkAlarmTopic, checkRegions } from '../../../../core/plan/checks/places.ts';
import { judged } from '../plan-fixture.ts';

describe('regions and accounts', () => {
  it('says nothing of three accounts and two regions', () => {
    expect([checkRegions, checkAccounts, checkAlarmTopic, checkNetwork].flatMap((rule) => judged(rule))).toEqual([]);
  });

  it('refuses a replica in the home region, or in another partition', () => {
    expect(judged(checkRegions, (plan) => void (plan.replica.region = 'eu-central-1'))[0]).toContain(
      "error replica.region = 'eu-central-1'",
    );
    expect(judged(checkRegions, (plan) => void (plan.replica.region = 'cn-north-1'))[0]).toContain('separate partitions');
    expect(judged(checkRegions, (plan) => void (plan.replica.region = 'us-gov-west-1'))[0]).toContain('separate partitions');
  });

  it('warns of shared and unknown accounts', () => {
    const paths = (change: Parameters<typeof judged>[1]) => judged(checkAccounts, change).map((text) => text.split(' = ')[0]);
    expect(paths((plan) => void (plan.replica.account = plan.home.account))).toEqual(['warning replica.account']);
    expect(paths((plan) => void (plan.sourceAccount = plan.home.account))).toEqual(['warning home.account']);
    expect(paths((plan) => void delete plan.sourceAccount)).toEqual(['warning sourceAccount']);
    expect(paths((plan) => (delete plan.home.account, void delete plan.replica.account))).toEqual([
      'warning replica.account',
      'warning home.account',
    ]);
  });

  it('wants the alarm topic in the home region', () => {
    expect(judged(checkAlarmTopic, (plan) => void (plan.alarmTopic = 'arn:aws:sns:eu-central-1:111111111111:alarms'))).toEqual([]);
    expect(judged(checkAlarmTopic, (plan) => void (plan.alarmTopic = 'arn:aws:sns:eu-west-1:111111111111:alarms'))).toHaveLength(1);
    expect(judged(checkAlarmTopic, (plan) => void (plan.alarmTopic = 'arn:aws:sqs:eu-central-1:111111111111:alarms'))).toHaveLength(1);
  });
});

describe('network', () => {
  const existing = { kind: 'existing' as const, vpcId: 'vpc-1', availabilityZones: ['a', 'b'], databaseSecurityGroup: 'sg-1' };
  it('takes one subnet per zone, source and isolated apart', () => {
    expect(
      judged(
        checkNetwork,
        (plan) => void (plan.network = { ...existing, sourceSubnets: ['subnet-1', 'subnet-2'], isolatedSubnets: ['subnet-3', 'subnet-4'] }),
      ),
    ).toEqual([]);
  });
  it('refuses subnets that do not fit the zones, or lead to the source', () => {
    const found = judged(
      checkNetwork,
      (plan) => void (plan.network = { ...existing, sourceSubnets: ['subnet-1'], isolatedSubnets: ['subnet-1', 'subnet-4'] }),
    );
    expect(found.map((text) => text.split(' = ')[0])).toEqual(['error network.sourceSubnets', 'error network.isolatedSubnets[0]']);
  });
});

describe('people', () => {
  it('are two', () => expect(judged(checkApprovers)).toEqual([]));
  it('are one by name and ARN', () => {
    const found = judged(
      checkApprovers,
      (plan) => void (plan.roles.approvers = ['arn:aws:iam::111111111111:role/team/shop-requester', 'other', 'other']),
    );
    expect(found.map((text) => text.split(' = ')[0])).toEqual(['error roles.approvers[0]', 'warning roles.approvers[2]']);
  });
});

describe('names', () => {
  it('fit their services', () => expect([...judged(checkAssetIds), ...judged(checkNameLengths)]).toEqual([]));

  it('fit at the longest that the schema lets through', () => {
    const found = judged(checkNameLengths, (plan, database) => {
      plan.system = 'a'.repeat(16);
      database.id = 'b'.repeat(24);
      plan.home.region = 'ap-southeast-2';
      plan.replica.region = 'ap-northeast-1';
    });
    expect(found).toEqual([]);
  });

  it('may grow too long by a region', () => {
    const found = judged(checkNameLengths, (plan) => {
      plan.system = 'a'.repeat(16);
      plan.replica.region = 'us-isob-southeast-1';
    });
    expect(found[0]).toContain('error replica.region');
    expect(found[0]).toContain('66 characters, 63 are allowed');
  });

  it('are told apart', () => {
    expect(judged(checkAssetIds, (_, _database, key) => void (key.id = 'orders'))[0]).toContain("error assets[1].id = 'orders'");
  });
});
