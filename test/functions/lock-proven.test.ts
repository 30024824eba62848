/** Of points that nothing makes expire, which ones are proven, and so kept locked: by what their drills say, and not by their names. */
import { beforeAll, expect, it } from 'vitest';
import { selectDueLocks } from '../../core/audit/expected-lock.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { findDue } from '../../functions/lock/find-due.ts';
import { daysAgo, makeRetentionWorld, NOW, type RetentionWorld } from './retention/retention-world.ts';
import { ASSET } from './vault-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 300 * 86_400, keepProven: 1, zone: 'UTC' };
const TERM = { mode: 'governance', lengthDays: 30 } as const;
const [PROVEN, FAILED, NEWEST] = [daysAgo(20), daysAgo(10), daysAgo(0)];

let world: RetentionWorld;
beforeAll(async () => {
  world = await makeRetentionWorld();
  await world.putGoodPoint(PROVEN, { proven: true });
  for (const point of [FAILED, NEWEST]) await world.putGoodPoint(point);
  await world.putFact(FAILED, 'drilled', { outcome: 'failed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: ['rows of users'] });
});

it('are those whose drill passed: one that failed takes no place of theirs', async () => {
  const { system, vault } = world;
  const due = await findDue({ asset: ASSET, run: 'r', policy: POLICY, term: TERM }, { system, side: 'vault', vault, now: () => NOW });
  expect(due.extend.map(({ point }) => point)).toEqual([PROVEN, NEWEST]);
});

it('are the same for the audit', async () => {
  const states = await readPointStates(world.vault, { system: world.system, asset: ASSET }, POLICY, NOW);
  expect(states.filter(({ proven }) => proven).map(({ point }) => point)).toEqual([PROVEN]);
  expect([...selectDueLocks(states, POLICY, TERM, NOW).keys()]).toContain(PROVEN);
});
