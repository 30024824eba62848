import { describe, expect, it } from 'vitest';
import { approvalRule } from '../../../../core/approval/rule.ts';
import { checkApprovals } from '../../../../core/plan/checks/approvals.ts';
import type { PostgresAsset } from '../../../../core/plan/schema.ts';
import { judged, planWith } from '../plan-fixture.ts';

const waiting = (expiry: string) =>
  judged(checkApprovals, (_, { restore }) => void (restore!.approvals = { needed: 1, beside: 0, expiry }));

describe('approvals', () => {
  it('are one for what replaces something, and none beside, unless the plan says otherwise', () => {
    const database = planWith().assets[0] as PostgresAsset;
    const standard = { needed: 1, beside: 0, expirySeconds: 86_400 };
    expect(approvalRule(database)).toEqual(standard);
    expect(approvalRule({ ...database, restore: undefined })).toEqual(standard);
  });

  it('have time to be given, and no more than anybody remembers', () => {
    for (const expiry of ['PT15M', 'PT24H', 'P14D']) expect(waiting(expiry)).toEqual([]);
    expect(waiting('PT14M')).toEqual([
      "error assets[orders].restore.approvals.expiry = 'PT14M': A request expires before anybody can have read it → Wait for a quarter of an hour at least, such as PT1H",
    ]);
    expect(waiting('P15D')).toHaveLength(1);
  });
});
