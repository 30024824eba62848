/** What whoever is to agree to a restore is told of what it leaves out, and by whose word. */
import { expect, it } from 'vitest';
import { describeWish } from '../../../core/restore/describe-wish.ts';

const told = (over: Partial<Parameters<typeof describeWish>[0]>) =>
  describeWish({ selection: {}, leftOut: { plan: {}, dump: [] }, withoutKeys: false, remarks: [], ...over }).join('. ');

it.each<[Parameters<typeof told>[0], RegExp]>([
  [{}, /^$/],
  [{ selection: { noOwner: true, noPrivileges: true } }, /^everything will belong to [^.]* owner\. nothing will be granted$/],
  [{ leftOut: { plan: { noOwner: true }, dump: [] } }, /^everything will belong to .* owner, as the plan says$/],
  [{ leftOut: { plan: { noPrivileges: true }, dump: [] } }, /^nothing will be granted, as the plan says$/],
  [
    { leftOut: { plan: {}, dump: ['--no-owner', '--no-acl'] } },
    /owner, as the dump has none\. nothing will be granted, as the dump has none$/,
  ],
  [{ selection: { noOwner: true }, leftOut: { plan: { noOwner: true }, dump: ['--no-owner'] } }, /owner$/],
])('%j', (over, said) => expect(told(over)).toMatch(said));
