/** What doctor says of what it may not see: in another account that is no fault of the deployment, in its own it is. */
import { expect, it } from 'vitest';
import { lookIn } from '../../cli/doctor/look.ts';
import { AwsLoginMissing, SystemNotDeployed } from '../../cli/errors.ts';

const OWN = { account: '111122223333' };
const denied = () => Promise.reject(new AwsLoginMissing('Looking at holdfast-ida-drill-replica', 'AccessDeniedException: no'));
const absent = () => Promise.reject(new SystemNotDeployed('holdfast-ida-drill-replica', 'account 222233334444, eu-west-1'));
const severityOf = async (account: string, judge: () => Promise<never>) => (await lookIn(account, OWN, 'machine', 'name', judge)).findings;

it('of another account, which these credentials do not reach, is to be looked at from there', async () => {
  expect(await severityOf('222233334444', denied)).toMatchObject([
    {
      severity: 'warning',
      problem: expect.stringContaining('in the account 222233334444') as string,
      fix: expect.stringContaining('--profile') as string,
    },
  ]);
});

it('of its own account, and of what is not there, is an error', async () => {
  expect(await severityOf(OWN.account, denied)).toMatchObject([{ severity: 'error' }]);
  expect(await severityOf('222233334444', absent)).toMatchObject([{ severity: 'error', value: 'NotDeployed' }]);
});
