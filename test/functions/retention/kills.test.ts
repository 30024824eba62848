import { expect, it } from 'vitest';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { pointPrefix } from '../../../core/vault/keys.ts';
import { readPoint } from '../../../core/vault/read-point.ts';
import { expirePoints } from '../../../functions/retention/expire-points.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { ASSET } from '../vault-world.ts';
import { Killed, killedPorts, KILLS } from './killed-ports.ts';
import { daysAgo, makeRetentionWorld, RUN, type RetentionWorld } from './retention-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const SAMPLE = 12;

const expire = async (world: RetentionWorld, ports: RetentionWorld['ports'], point: string, run: string) =>
  expirePoints({ BatchInput: { ...world.request(POLICY), run }, Items: [{ ...(await world.lineOf(point)), point }] }, ports);

/** A point that is called good is whole. */
async function expectNothingFalse(world: RetentionWorld, point: string): Promise<void> {
  if (!(await world.goodPoints()).includes(point)) return;
  const records = await readPoint(world.vault, world.system, ASSET, point);
  for (const { key, versionId } of records?.manifest.objects ?? []) expect(await world.vault.head({ key, versionId }), key).toBeDefined();
  expect(records?.facts).toHaveLength(3);
}

it('killed at any call of S3, and begun again, expires the point the same, and nothing is called good that is not', async () => {
  const world = await makeRetentionWorld();
  await world.putGoodPoint(daysAgo(0), { proven: true });
  const whole = daysAgo(200);
  await world.putGoodPoint(whole);
  const counting = killedPorts(world.ports, 'before');
  await expire(world, counting.ports, whole, RUN);
  const positions = Array.from({ length: counting.calls() }, (_, index) => index + 1);
  const all = positions.flatMap((position) => KILLS.map((kill) => [position, kill] as const));
  const random = seededRandom(`expiry killed at ${isSoak ? all.length : SAMPLE} of ${all.length} places in ${positions.length} calls`);
  const cases = isSoak ? all : Array.from({ length: SAMPLE }, () => all.splice(random.below(all.length), 1)).flat();

  for (const [index, [position, kill]] of cases.entries()) {
    const point = daysAgo(60 + index);
    await world.putGoodPoint(point);
    const line = await world.lineOf(point);
    const { ports } = killedPorts(world.ports, kill, position);
    const request = { BatchInput: world.request(POLICY), Items: [line] };
    const where = `killed ${kill} call ${position}`;
    await expect(expirePoints(request, ports), where).rejects.toThrow(Killed);
    await expectNothingFalse(world, point);
    // By the same run, whose step is tried again, or by that of the next day.
    const run = index % 2 === 0 ? RUN : '20261122T042000Z-fedcba';
    expect(await expirePoints({ ...request, BatchInput: { ...request.BatchInput, run } }, world.ports), where).toEqual({
      expired: 1,
      kept: [],
    });
    const left = (await world.keysIn()).filter((key) => key.includes(`/${point}/`));
    expect(left, where).toEqual([expect.stringMatching(`^${pointPrefix('<system>', ASSET, point)}tombstone-`)]);
  }
});
